// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.pabal.connector.fixture.TestLoop;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcceptPaceTest {

  private static final int BATCHES_MAX = 16;

  private final TestLoop quick = new TestLoop();
  private final TestLoop slow = new TestLoop();
  private final EmbeddedChannel listening =
      new EmbeddedChannel(new AcceptPace(List.of(quick, slow)));

  @Test
  void shouldAcceptNoFurtherBatchUntilTheSlowestLoopHasTakenOne() {
    accept(BATCHES_MAX - 1);
    assertThat(isAccepting()).isTrue();
    accept(1);
    assertThat(isAccepting()).isFalse();

    quick.run();
    listening.runPendingTasks();
    assertThat(isAccepting()).isFalse();
    slow.runNext();
    listening.runPendingTasks();

    assertThat(isAccepting()).isTrue();
  }

  @Test
  void shouldAcceptAsLongAsTheLoopsAreOnTime() {
    for (int i = 0; i < 10 * BATCHES_MAX; i++) {
      accept(1);
      quick.run();
      slow.run();
      listening.runPendingTasks();
    }

    assertThat(isAccepting()).isTrue();
  }

  @Test
  void shouldPauseAfterAnAcceptThatFailed() {
    listening.freezeTime();
    accept(1);
    listening.pipeline().fireExceptionCaught(new IOException("Too many open files"));
    quick.run();
    slow.run();
    listening.runPendingTasks();
    assertThat(isAccepting()).isFalse();

    listening.advanceTimeBy(1, TimeUnit.SECONDS);
    listening.runScheduledPendingTasks();

    assertThat(isAccepting()).isTrue();
  }

  private void accept(int batches) {
    for (int i = 0; i < batches; i++) {
      listening.pipeline().fireChannelReadComplete();
    }
  }

  private boolean isAccepting() {
    return listening.config().isAutoRead();
  }
}
