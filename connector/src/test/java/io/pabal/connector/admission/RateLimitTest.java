// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RateLimitTest {

  private static final long START_NANOS = Long.MAX_VALUE - 1_000;
  private static final int TAKEN_MAX = 10_000;
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  @Test
  void shouldAllowBurstAndThenTheRate() {
    RateLimit limit = new RateLimit(100, 5, START_NANOS);

    assertThat(takeAll(limit, START_NANOS)).isEqualTo(5);
    assertThat(takeAll(limit, START_NANOS + SECOND_NANOS / 100 - 1)).isZero();
    assertThat(takeAll(limit, START_NANOS + SECOND_NANOS / 100)).isEqualTo(1);
    assertThat(takeAll(limit, START_NANOS + SECOND_NANOS * 4 / 100)).isEqualTo(3);
  }

  @Test
  void shouldAllowNoMoreThanBurstAfterQuiet() {
    RateLimit limit = new RateLimit(100, 5, START_NANOS);
    takeAll(limit, START_NANOS);

    assertThat(takeAll(limit, START_NANOS + 3_600 * SECOND_NANOS)).isEqualTo(5);
  }

  @Test
  void shouldTakeNothingWhenItRefuses() {
    RateLimit limit = new RateLimit(1, 1, START_NANOS);
    limit.tryTake(START_NANOS);

    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.tryTake(START_NANOS + SECOND_NANOS / 2)).isFalse();
    }
    assertThat(limit.tryTake(START_NANOS + SECOND_NANOS)).isTrue();
  }

  @Test
  void shouldAllowNoMoreUnderConcurrentUse() throws InterruptedException {
    RateLimit limit = new RateLimit(1_000, 1_000, START_NANOS);
    AtomicInteger taken = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(Thread.startVirtualThread(() -> taken.addAndGet(takeAll(limit, START_NANOS))));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(taken).hasValue(1_000);
  }

  private static int takeAll(RateLimit limit, long nowNanos) {
    int taken = 0;
    while (taken < TAKEN_MAX && limit.tryTake(nowNanos)) {
      taken++;
    }
    return taken;
  }
}
