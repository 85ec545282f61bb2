// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit on events per second, and on events at once: a token bucket whose only state is the time
 * at which it would be full (the generic cell rate algorithm). Safe for use by many threads; never
 * blocks, allocates nothing.
 *
 * <p>The caller passes the time, in nanoseconds of a clock like {@link System#nanoTime}.
 */
public final class RateLimit {

  private final long intervalNanos;
  private final long toleranceNanos;
  private final AtomicLong fullAtNanos;

  /**
   * A limit whose bucket is full at {@code nowNanos}.
   *
   * @param perSecond events per second in the long run, 1 to 1,000,000
   * @param burst events at once after a quiet time, at least 1
   */
  public RateLimit(int perSecond, int burst, long nowNanos) {
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.toleranceNanos = intervalNanos * (burst - 1);
    this.fullAtNanos = new AtomicLong(nowNanos);
  }

  /** Takes one token. False, without any effect, when the bucket is empty. */
  public boolean tryTake(long nowNanos) {
    while (true) {
      long fullAt = fullAtNanos.get();
      long ahead = Math.max(0, fullAt - nowNanos);
      if (ahead > toleranceNanos) {
        return false;
      }
      if (fullAtNanos.compareAndSet(fullAt, nowNanos + ahead + intervalNanos)) {
        return true;
      }
    }
  }
}
