// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import io.pabal.telemetry.DelayHistogram;
import java.util.concurrent.atomic.LongAdder;

/**
 * The delay of one part: how long it takes now, and how long it takes undisturbed. Any thread
 * records; one thread at a time calls {@link #endWindow}.
 *
 * <p>The delay now is the mean of the newest window. The undisturbed delay is the mean of {@value
 * #SAMPLES_MIN} or more delays in quiet windows, smoothed over the last few of such means. So it
 * follows a part that becomes slower or quicker for good. Until there is one, the first delays
 * count as undisturbed.
 */
final class PartDelay {

  /** The mean of fewer delays says little. */
  private static final int SAMPLES_MIN = 16;

  private static final double SMOOTHING = 0.5;

  private final DelayHistogram histogram = new DelayHistogram();
  private final LongAdder count = new LongAdder();
  private final LongAdder sumNanos = new LongAdder();
  private long quietCount;
  private long quietNanos;
  private volatile double recentNanos;
  private volatile double undisturbedNanos;

  /** Records one delay. Any thread. */
  void record(long nanos) {
    long delayNanos = Math.max(0, nanos);
    histogram.record(delayNanos);
    sumNanos.add(delayNanos);
    count.increment();
  }

  /**
   * Ends the window of the delays that were recorded since the last call.
   *
   * @param quiet whether few sessions were in flight in all of it
   * @return whether any delay was recorded in the window
   */
  boolean endWindow(boolean quiet) {
    long samples = count.sumThenReset();
    long nanos = sumNanos.sumThenReset();
    if (samples == 0) {
      return false;
    }
    recentNanos = (double) nanos / samples;
    if (quiet || undisturbedNanos == 0) {
      learn(samples, nanos);
    }
    return true;
  }

  private void learn(long samples, long nanos) {
    quietCount += samples;
    quietNanos += nanos;
    if (quietCount >= SAMPLES_MIN) {
      double mean = (double) quietNanos / quietCount;
      double before = undisturbedNanos;
      undisturbedNanos = before == 0 ? mean : before + (mean - before) * SMOOTHING;
      quietCount = 0;
      quietNanos = 0;
    }
  }

  /** The mean delay of the newest window that had any, nanoseconds. Any thread. */
  double recentNanos() {
    return recentNanos;
  }

  /** The delay while nothing disturbs the part, nanoseconds; 0: not known yet. Any thread. */
  double undisturbedNanos() {
    return undisturbedNanos;
  }

  /** All delays that were recorded. */
  DelayHistogram histogram() {
    return histogram;
  }
}
