// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import io.pabal.bench.client.Latencies;

/**
 * How long claims waited in one phase.
 *
 * @param failover of the primary's sessions that were due from the beginning of its failover until
 *     its successor granted the first claim; of none in a phase without failover
 * @param longestNanos of the primary's sessions, in all of the phase
 * @param othersLongestNanos of all other sessions
 */
public record ClaimWaits(Latencies failover, long longestNanos, long othersLongestNanos) {

  private static final double NANOS_PER_MILLI = 1e6;

  double longestMillis() {
    return longestNanos / NANOS_PER_MILLI;
  }

  double othersLongestMillis() {
    return othersLongestNanos / NANOS_PER_MILLI;
  }

  /** Of all sessions. */
  double longestOfAllMillis() {
    return Math.max(longestNanos, othersLongestNanos) / NANOS_PER_MILLI;
  }
}
