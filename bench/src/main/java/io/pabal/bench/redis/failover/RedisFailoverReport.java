// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import io.pabal.bench.redis.failover.RedisFailoverPlan.How;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param how how primaries were replaced
 * @param failovers one for each, in order
 * @param totals all claims
 */
public record RedisFailoverReport(How how, List<RedisFailover> failovers, ClaimTotals totals) {

  /** The time that claims may wait, with the settings that are recommended. */
  static final double BOUND_MILLIS = 3_000;

  private static final String ROW = "%-9s %8s %8s %12s %13s %14s %13s %14s%n";

  /** Whether every session could be claimed in the end. */
  public boolean isComplete() {
    return totals.givenUp() == 0;
  }

  /** Writes a table for people: one line per failover, and the verdict. */
  public void printTable(PrintWriter out) {
    out.println(
        "How long claims waited (ms): of the primary's sessions, and of others meanwhile, before and when it came back");
    out.printf(
        ROW, "failover", "primary", "claims", "median", "longest", "others", "before", "came back");
    for (int i = 0; i < failovers.size(); i++) {
      RedisFailover each = failovers.get(i);
      out.printf(
          ROW,
          i + 1,
          each.port(),
          each.during().failover().count(),
          millis(each.during().failover().millis(0.5)),
          millis(each.during().longestMillis()),
          millis(each.during().othersLongestMillis()),
          millis(each.before().longestOfAllMillis()),
          millis(each.after().longestOfAllMillis()));
    }
    out.printf(
        Locale.ROOT,
        "%,d claims granted, %,d tries failed, %d given up after %d s%s%n",
        totals.granted(),
        totals.failedTries(),
        totals.givenUp(),
        ClaimTraffic.GIVE_UP_SECONDS,
        isComplete() ? "" : " (" + totals.newestFailure() + ")");
    out.printf(
        Locale.ROOT,
        "%s: of the longest waits the median is %.0f ms, the largest %.0f ms (bound: %.0f ms, %s)%n",
        name(),
        medianMillis(),
        largestMillis(),
        BOUND_MILLIS,
        isWithinBound() ? "kept" : "exceeded");
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows =
        failovers.stream().map(RedisFailoverReport::json).collect(Collectors.joining(","));
    out.printf(
        Locale.ROOT,
        "{\"how\":\"%s\",\"failovers\":[%s],\"granted\":%d,\"failedTries\":%d,\"givenUp\":%d,"
            + "\"medianMillis\":%.1f,\"largestMillis\":%.1f,\"boundMillis\":%.0f,\"withinBound\":%b}%n",
        name(),
        rows,
        totals.granted(),
        totals.failedTries(),
        totals.givenUp(),
        medianMillis(),
        largestMillis(),
        BOUND_MILLIS,
        isWithinBound());
    out.flush();
  }

  private static String json(RedisFailover each) {
    return String.format(
        Locale.ROOT,
        "{\"port\":%d,\"claims\":%d,\"medianMillis\":%.1f,\"longestMillis\":%.1f,"
            + "\"othersLongestMillis\":%.1f,\"beforeLongestMillis\":%.1f,\"afterLongestMillis\":%.1f}",
        each.port(),
        each.during().failover().count(),
        each.during().failover().millis(0.5),
        each.during().longestMillis(),
        each.during().othersLongestMillis(),
        each.before().longestOfAllMillis(),
        each.after().longestOfAllMillis());
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  private String name() {
    return how.name().toLowerCase(Locale.ROOT);
  }

  private double medianMillis() {
    double[] sorted = sortedLongestMillis();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private double largestMillis() {
    return sortedLongestMillis()[failovers.size() - 1];
  }

  private boolean isWithinBound() {
    return isComplete() && largestMillis() <= BOUND_MILLIS;
  }

  private double[] sortedLongestMillis() {
    return failovers.stream().mapToDouble(each -> each.during().longestMillis()).sorted().toArray();
  }
}
