// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long operations have been under way without one of them ending, told by two figures that
 * only grow. The figures are read when somebody asks, so that nothing is measured on the path of
 * the operations; the time counts from the first question that found the same operations under way.
 * Thread-safe.
 */
public final class Stall {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier begun;
  private final LongSupplier ended;
  private long endedSeen;
  private long sinceNanos;
  private boolean underWay;

  /** Operations of which so many have begun, and so many have ended. */
  public Stall(LongSupplier begun, LongSupplier ended) {
    this.begun = begun;
    this.ended = ended;
  }

  /**
   * Seconds without an end while operations were under way; 0 when none is.
   *
   * @param nowNanos a time of {@link System#nanoTime}
   */
  public synchronized double seconds(long nowNanos) {
    // First, so that an operation which ends between the two lines counts as under way once more.
    long endedNow = ended.getAsLong();
    boolean underWayNow = begun.getAsLong() > endedNow;
    if (!underWay || !underWayNow || endedNow != endedSeen) {
      sinceNanos = nowNanos;
    }
    underWay = underWayNow;
    endedSeen = endedNow;
    return (nowNanos - sinceNanos) / NANOS_PER_SECOND;
  }
}
