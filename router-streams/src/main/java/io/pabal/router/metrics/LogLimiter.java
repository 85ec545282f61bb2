// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets one log line through per ten seconds, for conditions that may hold for every record. Safe
 * for use by many threads.
 */
public final class LogLimiter {

  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

  /** Whether a line may be written now. */
  public boolean allows() {
    long now = System.nanoTime();
    long next = nextNanos.get();
    return now - next >= 0 && nextNanos.compareAndSet(next, now + INTERVAL_NANOS);
  }
}
