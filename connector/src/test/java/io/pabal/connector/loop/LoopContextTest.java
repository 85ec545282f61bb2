// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LoopContextTest {

  private final TestLoop loop = new TestLoop();
  private final LoopContext context = new LoopContext(0, loop);
  private final List<String> happened = new ArrayList<>();

  @Test
  void shouldFlushAllTouchedConnectionsInOneTask() {
    context.touch(part(() -> happened.add("a")));
    context.touch(part(() -> happened.add("b")));

    assertThat(loop.pending()).isEqualTo(1);
    loop.run();
    assertThat(happened).containsExactly("a", "b");

    loop.run();
    assertThat(happened).hasSize(2);
  }

  @Test
  void shouldFlushInANewBatchAConnectionThatIsTouchedDuringAFlush() {
    context.touch(
        part(
            () -> {
              happened.add("a");
              context.touch(part(() -> happened.add("b")));
            }));

    loop.run();

    assertThat(happened).containsExactly("a", "b");
  }

  @Test
  void shouldContinueToFlushAfterAFailure() {
    context.touch(
        part(
            () -> {
              throw new IllegalStateException("intended by the test");
            }));
    context.touch(part(() -> happened.add("same batch")));
    runIgnoringFailure();

    for (int i = 1; i <= 3; i++) {
      String name = "batch " + i;
      context.touch(part(() -> happened.add(name)));
      runIgnoringFailure();
    }

    assertThat(happened)
        .containsExactly(
            "failed: intended by the test", "same batch", "batch 1", "batch 2", "batch 3");
  }

  @Test
  void shouldTickTheKeepAliveWheelEverySecond() {
    context.start(nanos -> {});
    watchFor(2);

    loop.advance(Duration.ofSeconds(1));
    loop.advance(Duration.ofSeconds(1));
    loop.advance(Duration.ofMillis(999));
    assertThat(happened).isEmpty();
    loop.advance(Duration.ofMillis(1));
    assertThat(happened).containsExactly("expired");
  }

  @Test
  void shouldNotExpireEveryClientAfterAPauseOfTheProcess() {
    context.start(nanos -> {});
    watchFor(2);

    loop.advance(Duration.ofMinutes(1));
    assertThat(happened).isEmpty();

    loop.advance(Duration.ofSeconds(1));
    loop.advance(Duration.ofSeconds(1));
    assertThat(happened).containsExactly("expired");
  }

  @Test
  void shouldRunTheRemainingTasksThatWaitForIngressWhenOneFails() {
    context.awaitIngress(
        () -> {
          throw new IllegalStateException("intended by the test");
        });
    context.awaitIngress(() -> happened.add("other"));

    context.ingressOpened();

    assertThat(happened).containsExactly("other");
  }

  @Test
  void shouldNotRunATaskThatWasForgotten() {
    Runnable gone = () -> happened.add("gone");
    context.awaitIngress(gone);
    context.awaitIngress(gone);

    context.forgetIngress(gone);
    context.ingressOpened();

    assertThat(happened).isEmpty();
  }

  @Test
  void shouldRunEachTaskThatWaitedForIngressOnce() {
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

  @Test
  void shouldEndEachPartThatThrowsAnErrorAndServeTheRest() {
    context.start(nanos -> {});
    Runnable broken =
        () -> {
          throw new AssertionError("intended by the test");
        };
    context.touch(part(broken));
    context.touch(part(() -> happened.add("flushed")));
    context.awaitIngress(broken);
    context.awaitIngress(() -> happened.add("resumed"));

    loop.run();
    context.ingressOpened();

    assertThat(happened).containsExactly("failed: intended by the test", "flushed", "resumed");
    context.touch(part(() -> happened.add("flushed later")));
    loop.run();
    assertThat(happened).endsWith("flushed later");
  }

  @Test
  void shouldServeTheRestWhenEndingOneThrows() {
    context.touch(
        new Part(
            () -> {
              throw new AssertionError("intended by the test");
            },
            cause -> {
              throw new IllegalStateException("intended as well");
            }));
    context.touch(part(() -> happened.add("other")));

    loop.run();

    assertThat(happened).containsExactly("other");
  }

  @Test
  void shouldFlushBetweenTwoSessionsWhenMuchOutputIsGathered() {
    context.touch(part(() -> happened.add("flushed")));
    context.gathered((int) LoopContext.GATHERED_BYTES_MAX - 1);
    context.flushIfMuch();
    assertThat(happened).isEmpty();

    context.gathered(1);
    context.flushIfMuch();
    assertThat(happened).containsExactly("flushed");

    context.touch(part(() -> happened.add("next")));
    context.gathered(1);
    context.flushIfMuch();
    assertThat(happened).hasSize(1);
    loop.run();
    assertThat(happened).containsExactly("flushed", "next");
  }

  @Test
  void shouldRaiseTheAlarmWhenDirectMemoryIsExhausted() {
    DirectMemory directMemory = new DirectMemory();
    LoopContext watched = new LoopContext(0, loop, directMemory);

    watched.caught(new AssertionError("intended by the test"));
    assertThat(directMemory.isScarce()).isFalse();

    watched.caught(
        new IllegalStateException(
            new OutOfMemoryError("Cannot reserve 8 bytes of direct buffer memory")));
    assertThat(directMemory.isScarce()).isTrue();
  }

  private Part part(Runnable action) {
    return new Part(action, cause -> happened.add("failed: " + cause.getMessage()));
  }

  /** A connection whose flush runs {@code action}. */
  private record Part(Runnable action, Consumer<Throwable> onFailure)
      implements LoopContext.Flushable {
    @Override
    public void flushBatch() {
      action.run();
    }

    @Override
    public void failed(Throwable cause) {
      onFailure.accept(cause);
    }
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

              @Override
              protected void failed(Throwable cause) {
                throw new AssertionError(cause);
              }
            },
            seconds);
  }

  /** Runs the loop and ignores an exception, as an event loop of Netty does. */
  private void runIgnoringFailure() {
    try {
      loop.run();
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("intended");
    }
  }
}
