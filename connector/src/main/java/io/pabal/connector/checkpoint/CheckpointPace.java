// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.checkpoint;

import java.util.concurrent.TimeUnit;

/**
 * How many checkpoints may begin now. Two bounds: the sessions per second, by a token bucket, and
 * the batches under way. The latter falls when Redis replies slowly, so that a Redis that has much
 * to do gets less from here, and rises again with quick replies. Not thread-safe.
 */
final class CheckpointPace {

  /** The batches that may be under way while Redis replies quickly. */
  static final int UNDER_WAY_MAX = 8;

  /** A slower reply halves the number of batches that may be under way. */
  static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** The time without checkpoints for which the bucket makes up afterwards. */
  private static final double BURST_SECONDS = 0.02;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int perSecondMax;
  private final double burst;
  private double tokens;
  private long filledNanos;
  private long begun;
  private int underWay;
  private int underWayMax = UNDER_WAY_MAX;

  /** A pace of at most {@code perSecondMax} sessions a second; 0: no limit. */
  CheckpointPace(int perSecondMax, long nowNanos) {
    this.perSecondMax = perSecondMax;
    this.burst = Math.max(1, perSecondMax * BURST_SECONDS);
    this.tokens = burst;
    this.filledNanos = nowNanos;
  }

  /** Whether a batch of releases may begin: these are bounded by the batches under way only. */
  boolean allowsRelease() {
    return underWay < underWayMax;
  }

  /**
   * The sessions that the next batch of checkpoints may have; 0: it has to wait. A batch is not
   * made smaller because it comes early, except where a burst is smaller than a batch.
   */
  int allowed(int wanted, long nowNanos) {
    if (underWay >= underWayMax) {
      return 0;
    }
    if (perSecondMax == 0) {
      return wanted;
    }
    double more = (nowNanos - filledNanos) / NANOS_PER_SECOND * perSecondMax;
    tokens = Math.min(burst, tokens + more);
    filledNanos = nowNanos;
    int allowed = Math.min(wanted, (int) burst);
    return tokens >= allowed ? allowed : 0;
  }

  /** A batch of checkpoints begins. */
  void begun(int sessions) {
    tokens -= sessions;
    begun++;
    underWay++;
  }

  /** A batch of releases begins. */
  void releaseBegun() {
    begun++;
    underWay++;
  }

  /** A batch has ended, {@code nanos} after it was sent; or without having been sent. */
  void ended(long nanos, boolean failed) {
    underWay--;
    if (failed || nanos > SLOW_NANOS) {
      underWayMax = Math.max(1, underWayMax / 2);
    } else if (underWayMax < UNDER_WAY_MAX) {
      underWayMax++;
    }
  }

  /** The batches that have begun. */
  long begun() {
    return begun;
  }

  int underWay() {
    return underWay;
  }
}
