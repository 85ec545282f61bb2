// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.connector.fixture.TestLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailboxTest {

  private final TestLoop loop = new TestLoop();
  private final List<List<Integer>> bursts = new ArrayList<>();
  private final Mailbox<Integer> mailbox =
      new Mailbox<>(loop, burst -> bursts.add(List.copyOf(burst)));

  @Test
  void shouldHandABurstOverInOneTask() {
    mailbox.post(1);
    mailbox.post(2);
    mailbox.post(3);

    assertThat(loop.pending()).isEqualTo(1);
    assertThat(bursts).isEmpty();
    loop.run();
    assertThat(bursts).containsExactly(List.of(1, 2, 3));

    mailbox.post(4);
    loop.run();
    assertThat(bursts).containsExactly(List.of(1, 2, 3), List.of(4));
  }

  @Test
  void shouldDeliverInANewBurstAnItemThatIsPostedWhileReading() {
    List<Integer> read = new ArrayList<>();
    List<Mailbox<Integer>> self = new ArrayList<>();
    self.add(
        new Mailbox<>(
            loop,
            burst -> {
              read.addAll(burst);
              if (read.size() < 5) {
                self.getFirst().post(read.size());
              }
            }));

    self.getFirst().post(0);
    loop.run();

    assertThat(read).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void shouldContinueAfterAReaderThatThrew() {
    List<Integer> read = new ArrayList<>();
    Mailbox<Integer> failing =
        new Mailbox<>(
            loop,
            burst -> {
              read.addAll(burst);
              if (burst.contains(13)) {
                throw new IllegalStateException("thirteen");
              }
            });

    failing.post(13);
    assertThatThrownBy(loop::run).hasMessage("thirteen");
    failing.post(14);
    loop.run();

    assertThat(read).containsExactly(13, 14);
  }

  @Test
  void shouldLoseNothingAndKeepEachSendersOrder() throws Exception {
    int senders = 4;
    int each = 20_000;
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(senders)) {
      for (int sender = 0; sender < senders; sender++) {
        int base = sender * each;
        threads.execute(
            () -> {
              try {
                start.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              for (int i = 0; i < each; i++) {
                mailbox.post(base + i);
              }
            });
      }
      start.countDown();
      loop.runUntil(() -> bursts.stream().mapToInt(List::size).sum() == senders * each);
      threads.shutdown();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    int[] next = new int[senders];
    for (int item : bursts.stream().flatMap(List::stream).toList()) {
      assertThat(item % each).isEqualTo(next[item / each]++);
    }
  }
}
