// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * At most so many a second, and so many at once: a token bucket kept as the one time at which it
 * would be full (the generic cell rate algorithm). Safe for use by many threads; never blocks,
 * allocates nothing.
 *
 * <p>Time is {@link System#nanoTime}, given by the caller.
 */
public final class RateLimit {

  private final long intervalNanos;
  private final long toleranceNanos;
  private final AtomicLong fullAtNanos;

  /**
   * A limit that was not used before {@code nowNanos}.
   *
   * @param perSecond how many a second in the long run, 1 to 1,000,000
   * @param burst how many at once after a time of quiet, at least 1
   */
  public RateLimit(int perSecond, int burst, long nowNanos) {
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.toleranceNanos = intervalNanos * (burst - 1);
    this.fullAtNanos = new AtomicLong(nowNanos);
  }

  /** Takes one if there is one; false, and nothing happened, when there is none. */
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
