// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopContextTest {

  private static final long CHECKPOINT_MILLIS = 250;

  private final TestLoop loop = new TestLoop();
  private final LoopContext context = new LoopContext(0, loop);
  private final List<String> happened = new ArrayList<>();

  @Test
  void shouldFlushAllThatWereTouchedInOneTask() {
    context.touch(() -> happened.add("a"));
    context.touch(() -> happened.add("b"));

    assertThat(loop.pending()).isEqualTo(1);
    loop.run();
    assertThat(happened).containsExactly("a", "b");

    loop.run();
    assertThat(happened).hasSize(2);
  }

  @Test
  void shouldFlushInANewBatchWhatIsTouchedWhileFlushing() {
    context.touch(
        () -> {
          happened.add("a");
          context.touch(() -> happened.add("b"));
        });

    loop.run();

    assertThat(happened).containsExactly("a", "b");
  }

  @Test
  void shouldGoOnFlushingAfterOneThatFailed() {
    context.touch(
        () -> {
          throw new IllegalStateException("intended by the test");
        });
    context.touch(() -> happened.add("same batch"));
    runIgnoringFailure();

    for (int i = 1; i <= 3; i++) {
      String name = "batch " + i;
      context.touch(() -> happened.add(name));
      runIgnoringFailure();
    }

    assertThat(happened).containsExactly("same batch", "batch 1", "batch 2", "batch 3");
  }

  @Test
  void shouldCheckpointWhatMovedOncePerInterval() {
    context.start(CHECKPOINT_MILLIS);
    context.moved(() -> happened.add("a"));
    loop.advance(Duration.ofMillis(CHECKPOINT_MILLIS - 1));
    assertThat(happened).isEmpty();

    loop.advance(Duration.ofMillis(1));
    assertThat(happened).containsExactly("a");

    loop.advance(Duration.ofMillis(10 * CHECKPOINT_MILLIS));
    assertThat(happened).hasSize(1);
  }

  @Test
  void shouldCheckpointNextTimeWhatMovedDuringACheckpoint() {
    context.start(CHECKPOINT_MILLIS);
    context.moved(
        () -> {
          happened.add("a");
          context.moved(() -> happened.add("b"));
        });

    loop.advance(Duration.ofMillis(CHECKPOINT_MILLIS));
    assertThat(happened).containsExactly("a");
    loop.advance(Duration.ofMillis(CHECKPOINT_MILLIS));
    assertThat(happened).containsExactly("a", "b");
  }

  @Test
  void shouldGoOnTickingAfterATaskThatFailed() {
    context.start(CHECKPOINT_MILLIS);
    context.moved(
        () -> {
          throw new IllegalStateException("intended by the test");
        });
    loop.advance(Duration.ofMillis(CHECKPOINT_MILLIS));

    context.moved(() -> happened.add("later"));
    loop.advance(Duration.ofMillis(4 * CHECKPOINT_MILLIS));

    assertThat(happened).containsExactly("later");
  }

  @Test
  void shouldTickTheKeepAliveWheelEverySecond() {
    context.start(CHECKPOINT_MILLIS);
    watchFor(2);

    loop.advance(Duration.ofSeconds(1));
    loop.advance(Duration.ofSeconds(1));
    loop.advance(Duration.ofMillis(999));
    assertThat(happened).isEmpty();
    loop.advance(Duration.ofMillis(1));
    assertThat(happened).containsExactly("expired");
  }

  @Test
  void shouldNotTakeEverybodyForSilentAfterAPauseOfTheProcess() {
    context.start(CHECKPOINT_MILLIS);
    watchFor(2);

    loop.advance(Duration.ofMinutes(1));
    assertThat(happened).isEmpty();

    loop.advance(Duration.ofSeconds(1));
    loop.advance(Duration.ofSeconds(1));
    assertThat(happened).containsExactly("expired");
  }

  @Test
  void shouldTellTheOthersWhoWaitForIngressWhenOneFails() {
    context.awaitIngress(
        () -> {
          throw new IllegalStateException("intended by the test");
        });
    context.awaitIngress(() -> happened.add("other"));

    context.ingressOpened();

    assertThat(happened).containsExactly("other");
  }

  @Test
  void shouldForgetWhoDoesNotWaitForIngressAnyMore() {
    Runnable gone = () -> happened.add("gone");
    context.awaitIngress(gone);
    context.awaitIngress(gone);

    context.forgetIngress(gone);
    context.ingressOpened();

    assertThat(happened).isEmpty();
  }

  @Test
  void shouldTellOnceWhoWaitedForIngress() {
    context.awaitIngress(() -> happened.add("a"));
    context.awaitIngress(
        () -> {
          happened.add("b");
          context.awaitIngress(() -> happened.add("b again"));
        });

    context.ingressOpened();
    assertThat(happened).containsExactly("a", "b");
    context.ingressOpened();
    assertThat(happened).containsExactly("a", "b", "b again");
    context.ingressOpened();
    assertThat(happened).hasSize(3);
  }

  private void watchFor(int seconds) {
    context
        .keepAlive()
        .watch(
            new KeepAliveWheel.Entry() {
              @Override
              protected void expired() {
                happened.add("expired");
              }

              @Override
              protected boolean isAlive() {
                return false;
              }
            },
            seconds);
  }

  /** As an event loop of Netty does. */
  private void runIgnoringFailure() {
    try {
      loop.run();
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("intended");
    }
  }
}
