// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Statistic;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A histogram of delays: {@value #BUCKETS} buckets, each twice as wide as the one before, from
 * {@link #FIRST_BOUND_NANOS half a millisecond} to 65.5 s, and a last one for longer delays.
 *
 * <p>Recording is for message paths: it allocates nothing, takes no lock, and costs two {@link
 * LongAdder} additions. A Micrometer timer with as many buckets also keeps a decaying maximum and
 * searches its bounds; {@code docs/metrics.md} has a measurement of both. Any thread.
 *
 * <p>To Micrometer it is a meter with a count and a total; a registry that knows this class can
 * write the buckets as well.
 */
public final class DelayHistogram implements Iterable<Measurement> {

  /** The upper bound of the first bucket. */
  public static final long FIRST_BOUND_NANOS = 500_000;

  private static final int BOUNDS = 18;
  private static final int BUCKETS = BOUNDS + 1;
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongAdder[] counts = new LongAdder[BUCKETS];
  private final LongAdder totalNanos = new LongAdder();

  /** An empty histogram. */
  public DelayHistogram() {
    Arrays.setAll(counts, bucket -> new LongAdder());
  }

  /** The buckets' upper bounds in seconds, inclusive, the last one infinite. */
  public static double[] boundsSeconds() {
    double[] bounds = new double[BUCKETS];
    Arrays.setAll(bounds, bucket -> (FIRST_BOUND_NANOS << bucket) / NANOS_PER_SECOND);
    bounds[BOUNDS] = Double.POSITIVE_INFINITY;
    return bounds;
  }

  /** Counts one delay. A negative one, between clocks that differ, counts as 0. */
  public void record(long nanos) {
    long delayNanos = Math.max(0, nanos);
    counts[bucketOf(delayNanos)].increment();
    totalNanos.add(delayNanos);
  }

  /** As {@link #record}, in milliseconds. */
  public void recordMillis(long millis) {
    record(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** The count of each bucket, not cumulated. */
  public long[] counts() {
    return Arrays.stream(counts).mapToLong(LongAdder::sum).toArray();
  }

  /** The number of delays counted. */
  public long count() {
    return Arrays.stream(counts()).sum();
  }

  /** The sum of all delays in seconds. */
  public double totalSeconds() {
    return totalNanos.sum() / NANOS_PER_SECOND;
  }

  @Override
  public Iterator<Measurement> iterator() {
    return List.of(
            new Measurement(this::count, Statistic.COUNT),
            new Measurement(this::totalSeconds, Statistic.TOTAL_TIME))
        .iterator();
  }

  /** The upper bound of a bucket is inclusive, hence the subtraction of 1. */
  private static int bucketOf(long nanos) {
    long steps = (nanos - 1) / FIRST_BOUND_NANOS;
    return Math.min(BOUNDS, Long.SIZE - Long.numberOfLeadingZeros(steps));
  }
}
