// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DelayHistogramTest {

  private final DelayHistogram histogram = new DelayHistogram();

  @Test
  void shouldPutEachBoundIntoItsBucketAndWhatIsBeyondIntoTheNext() {
    double[] bounds = DelayHistogram.boundsSeconds();
    for (int bucket = 0; bucket < bounds.length - 1; bucket++) {
      long boundNanos = DelayHistogram.FIRST_BOUND_NANOS << bucket;
      DelayHistogram each = new DelayHistogram();

      each.record(boundNanos);
      each.record(boundNanos + 1);

      assertThat(bounds[bucket]).isEqualTo(boundNanos / 1e9);
      assertThat(bucketsOf(each)).containsExactly(bucket, bucket + 1);
    }
  }

  @Test
  void shouldTakeNoDelayAndNegativeOnesAsTheShortest() {
    histogram.record(0);
    histogram.record(-1);
    histogram.record(Long.MIN_VALUE);

    assertThat(histogram.counts()[0]).isEqualTo(3);
    assertThat(histogram.totalSeconds()).isZero();
  }

  @Test
  void shouldTakeTheLongest() {
    histogram.record(TimeUnit.DAYS.toNanos(1));

    assertThat(bucketsOf(histogram)).containsExactly(histogram.counts().length - 1);
  }

  @Test
  void shouldSumUp() {
    histogram.recordMillis(1_500);
    histogram.recordMillis(500);

    assertThat(histogram.count()).isEqualTo(2);
    assertThat(histogram.totalSeconds()).isEqualTo(2);
  }

  private static int[] bucketsOf(DelayHistogram histogram) {
    long[] counts = histogram.counts();
    assertThat(Arrays.stream(counts).max()).hasValue(1);
    return IntStream.range(0, counts.length).filter(bucket -> counts[bucket] > 0).toArray();
  }
}
