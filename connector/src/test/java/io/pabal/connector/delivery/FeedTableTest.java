// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.topic.Feeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FeedTableTest {

  private static final Feeds FEEDS = new Feeds(12, 2);

  private final Recorder recorder = new Recorder();
  private final FeedTable table = new FeedTable(recorder, FEEDS, 2);

  @Test
  void shouldAnnounceTheFirstAndWithdrawTheLastHolderOnly() {
    Feed first = table.acquire("rooms/1");
    Feed second = table.acquire("rooms/1");
    assertThat(second).isSameAs(first);
    assertThat(recorder.of("rooms/1")).containsExactly("+1");

    table.release(first);
    assertThat(recorder.of("rooms/1")).containsExactly("+1");
    assertThat(table.find("rooms/1")).isSameAs(first);

    table.release(second);
    assertThat(recorder.of("rooms/1")).containsExactly("+1", "-1");
    assertThat(table.find("rooms/1")).isNull();
    assertThat(table.size()).isZero();
  }

  @Test
  void shouldNumberEachActivationAnew() {
    Feed first = table.acquire("a");
    table.release(first);
    Feed second = table.acquire("a");
    Feed other = table.acquire("b");

    assertThat(second).isNotSameAs(first);
    assertThat(List.of(first.activation(), second.activation(), other.activation()))
        .containsExactly(1L, 2L, 3L);
    assertThat(recorder.of("a")).containsExactly("+1", "-1", "+2");
  }

  @Test
  void shouldStartAnActivationWithNothingSeen() {
    Feed first = table.acquire("a");
    first.advance(100);
    first.activate();
    table.release(first);

    Feed second = table.acquire("a");

    assertThat(second.seen()).isEqualTo(-1);
    assertThat(second.isActive()).isFalse();
  }

  @Test
  void shouldAnnounceAgainOnlyAnActiveAddressThatIsHeld() {
    Feed waiting = table.acquire("a");
    table.announceAgain(waiting);
    assertThat(recorder.of("a")).containsExactly("+1");

    waiting.activate();
    table.announceAgain(waiting);
    assertThat(recorder.of("a")).containsExactly("+1", "=1");

    table.release(waiting);
    table.announceAgain(waiting);
    Feed next = table.acquire("a");
    next.activate();
    table.announceAgain(waiting);
    assertThat(recorder.of("a")).containsExactly("+1", "=1", "-1", "+2");
  }

  /** The router may answer before {@code acquire} has returned on the announcing thread. */
  @Test
  void shouldFindAnAddressFromItsAnnouncementOn() throws Exception {
    var answering = new Answering();
    FeedTable announcing = new FeedTable(answering, FEEDS, 1);
    answering.table = announcing;

    Feed address = announcing.acquire("rooms/1");

    Objects.requireNonNull(answering.thread).join();
    assertThat(answering.found).isSameAs(address);
  }

  @Test
  void shouldAssignAFeedToThePartitionOfItsAddresses() {
    assertThat(table.acquire("rooms/42").partition())
        .isEqualTo(FEEDS.partitionOf("rooms/42/typing"));
  }

  @Test
  void shouldAdvanceOnlyBeyondTheSeenPosition() {
    Feed address = table.acquire("a");

    assertThat(address.advance(0)).isTrue();
    assertThat(address.advance(0)).isFalse();
    assertThat(address.advance(7)).isTrue();
    assertThat(address.advance(6)).isFalse();
    assertThat(address.seen()).isEqualTo(7);
  }

  @Test
  void shouldApplyAnEventToTheSubscribersOfOneLoopOnly() {
    Feed address = table.acquire("a");
    TestSubscriber onFirst = new TestSubscriber();
    TestSubscriber onSecond = new TestSubscriber();
    address.add(0, onFirst);
    address.add(1, onSecond);

    new LoopEvent.Activation(address, 5).apply(1);
    assertThat(onFirst.heads).isEmpty();
    assertThat(onSecond.heads).containsExactly(5L);

    address.remove(1, onSecond);
    address.remove(1, onSecond);
    new LoopEvent.Activation(address, 6).apply(1);
    assertThat(onSecond.heads).hasSize(1);
  }

  @Test
  void shouldAnnounceAndWithdrawInTurnsUnderConcurrentUse() throws Exception {
    long seed = System.nanoTime();
    System.out.println("FeedTableTest seed=" + seed);
    List<String> names = List.of("a", "b", "c");
    List<Future<?>> done = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int thread = 0; thread < 4; thread++) {
        Random random = new Random(seed + thread);
        done.add(
            threads.submit(
                () -> {
                  List<Feed> held = new ArrayList<>();
                  for (int i = 0; i < 20_000; i++) {
                    if (held.size() < 3 && random.nextBoolean()) {
                      held.add(table.acquire(names.get(random.nextInt(names.size()))));
                    } else if (!held.isEmpty()) {
                      table.release(held.remove(random.nextInt(held.size())));
                    }
                  }
                  held.forEach(table::release);
                }));
      }
      for (Future<?> each : done) {
        each.get();
      }
    }

    assertThat(table.size()).isZero();
    for (String name : names) {
      List<String> calls = recorder.of(name);
      assertThat(calls.size() % 2).isZero();
      long last = 0;
      for (int i = 0; i < calls.size(); i += 2) {
        long activation = Long.parseLong(calls.get(i).substring(1));
        assertThat(calls.get(i)).isEqualTo("+" + activation);
        assertThat(calls.get(i + 1)).isEqualTo("-" + activation);
        assertThat(activation).isGreaterThan(last);
        last = activation;
      }
    }
  }

  /**
   * Returns from an announcement when another thread has looked up the address, or is blocked in
   * the look-up.
   */
  private static final class Answering extends Recorder {
    @Nullable FeedTable table;
    @Nullable Thread thread;
    volatile @Nullable Feed found;

    @Override
    public void announce(Feed address) {
      FeedTable its = Objects.requireNonNull(table);
      Thread finder = Thread.ofPlatform().start(() -> found = its.findAnnounced(address.name()));
      while (finder.getState() != Thread.State.BLOCKED && finder.isAlive()) {
        Thread.onSpinWait();
      }
      thread = finder;
    }
  }

  private static class Recorder implements FeedTable.Announcer {
    private final Map<String, List<String>> calls = new ConcurrentHashMap<>();

    @Override
    public void announce(Feed address) {
      of(address.name()).add("+" + address.activation());
    }

    @Override
    public void announceAgain(Feed address) {
      of(address.name()).add("=" + address.activation());
    }

    @Override
    public void withdraw(Feed address) {
      of(address.name()).add("-" + address.activation());
    }

    List<String> of(String name) {
      return calls.computeIfAbsent(name, key -> Collections.synchronizedList(new ArrayList<>()));
    }
  }
}
