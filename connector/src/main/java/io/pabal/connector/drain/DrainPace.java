// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import io.pabal.connector.ConnectorConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How many sessions of a connector that drains are due to leave. At least as many a second as
 * configured, and as many as it takes to have all gone when {@link #SHARE_OF_TIMEOUT} of the
 * time-out has passed: the others, who come meanwhile or whose release takes long, have the rest of
 * it. After the time-out all are due. Used by one thread.
 */
final class DrainPace {

  private static final double SHARE_OF_TIMEOUT = 0.8;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Sums of fractions are not exact. */
  private static final double ROUNDING = 1e-9;

  private final int perSecondMin;
  private final long timeoutNanos;
  private final long tickNanos;
  private final long begunNanos;
  private long lastNanos;
  private double due = 1;

  /**
   * A pace that begins at {@code nowNanos}.
   *
   * @param tick how often the pace is asked; sessions of at most two ticks are due at once
   */
  DrainPace(ConnectorConfig.Drain config, Duration tick, long nowNanos) {
    this.perSecondMin = config.sessionsPerSecond();
    this.timeoutNanos = config.timeout().toNanos();
    this.tickNanos = tick.toNanos();
    this.begunNanos = nowNanos;
    this.lastNanos = nowNanos;
  }

  /** Adds those that are due at {@code nowNanos}, of {@code sessions} that are left. */
  void advance(int sessions, long nowNanos) {
    if (perSecondMin == 0 || isTimeUp(nowNanos)) {
      due = Double.MAX_VALUE;
      return;
    }
    double perNano = perSecond(sessions, nowNanos) / NANOS_PER_SECOND;
    double gained = perNano * (nowNanos - lastNanos);
    due = Math.min(due + gained, Math.max(1, perNano * tickNanos * 2));
    lastNanos = nowNanos;
  }

  /** Takes one of those that are due; false when there is none. */
  boolean tryTake() {
    if (due < 1 - ROUNDING) {
      return false;
    }
    due--;
    return true;
  }

  /** The pace in force with {@code sessions} left, a second. */
  double perSecond(int sessions, long nowNanos) {
    double leftNanos = timeoutNanos * SHARE_OF_TIMEOUT - (nowNanos - begunNanos);
    return Math.max(
        perSecondMin, sessions / Math.max(leftNanos, (double) tickNanos) * NANOS_PER_SECOND);
  }

  private boolean isTimeUp(long nowNanos) {
    return nowNanos - begunNanos >= timeoutNanos;
  }
}
