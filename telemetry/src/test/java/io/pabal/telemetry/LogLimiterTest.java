// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogLimiterTest {

  private static final int LINES_MAX = 3;
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final List<Long> leftOut = new ArrayList<>();
  private final Queue<Runnable> afterPeriod = new ArrayDeque<>();
  private long nowNanos = Long.MAX_VALUE - 5;
  private final LogLimiter limiter =
      new LogLimiter(LINES_MAX, PERIOD, leftOut::add, () -> nowNanos, afterPeriod::add);

  @Test
  void shouldAllowSoManyLinesInAPeriodAndThenSayHowManyWereLeftOut() {
    assertThat(allowed(1_000)).isEqualTo(LINES_MAX);
    assertThat(leftOut).isEmpty();

    periodPasses();

    assertThat(leftOut).containsExactly(1_000L - LINES_MAX);
  }

  @Test
  void shouldAllowLinesAgainInTheNextPeriod() {
    allowed(1_000);
    periodPasses();

    assertThat(allowed(1_000)).isEqualTo(LINES_MAX);
    periodPasses();

    assertThat(leftOut).containsExactly(1_000L - LINES_MAX, 1_000L - LINES_MAX);
  }

  @Test
  void shouldSayNothingWhenNothingWasLeftOut() {
    assertThat(allowed(LINES_MAX)).isEqualTo(LINES_MAX);
    periodPasses();
    assertThat(allowed(LINES_MAX)).isEqualTo(LINES_MAX);

    assertThat(afterPeriod).isEmpty();
    assertThat(leftOut).isEmpty();
  }

  @Test
  void shouldWriteABoundedNumberOfLinesInAFloodOfManyPeriods() {
    int periods = 100;
    int lines = 0;
    for (int i = 0; i < periods; i++) {
      lines += allowed(10_000);
      periodPasses();
    }

    assertThat(lines + leftOut.size()).isEqualTo(periods * (LINES_MAX + 1));
    assertThat(leftOut.stream().mapToLong(Long::longValue).sum() + lines)
        .isEqualTo(periods * 10_000L);
  }

  private int allowed(int attempts) {
    return (int) IntStream.range(0, attempts).filter(i -> limiter.allows()).count();
  }

  private void periodPasses() {
    nowNanos += PERIOD.toNanos();
    while (!afterPeriod.isEmpty()) {
      afterPeriod.remove().run();
    }
  }
}
