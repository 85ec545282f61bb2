// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client;

import java.util.Arrays;
import java.util.Locale;

/** How long messages were on their way: the sorted nanoseconds of each. Immutable. */
public final class Latencies {

  /** Of no message. */
  public static final Latencies NONE = new Latencies(new long[0]);

  private final long[] sortedNanos;

  private Latencies(long[] sortedNanos) {
    this.sortedNanos = sortedNanos;
  }

  static Latencies of(long[] nanos) {
    return of(nanos, nanos.length);
  }

  /** Of the first {@code count} of {@code nanos}, in any order. */
  public static Latencies of(long[] nanos, int count) {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return new Latencies(sorted);
  }

  /** How many messages. */
  public int count() {
    return sortedNanos.length;
  }

  /** The latency that {@code share} of the messages did not exceed; 0 when there is none. */
  public double millis(double share) {
    int index = (int) Math.ceil(share * sortedNanos.length) - 1;
    return sortedNanos.length == 0 ? 0 : sortedNanos[Math.max(0, index)] / 1e6;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d messages, latency p50 %.1f ms, p99 %.1f ms, most %.1f ms",
        count(),
        millis(0.5),
        millis(0.99),
        millis(1));
  }
}
