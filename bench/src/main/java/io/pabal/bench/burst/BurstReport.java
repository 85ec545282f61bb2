// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.burst;

import io.pabal.bench.client.Latencies;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param sessions that each message went to
 * @param refused CONNECTs that were refused, of all bursts
 * @param violations connections that ended
 */
public record BurstReport(int sessions, List<Burst> bursts, int refused, List<String> violations) {

  private static final double P99 = 0.99;

  /**
   * One message.
   *
   * @param seconds from PUBLISH until all sessions had it
   * @param before how long a CONNECT took before it
   * @param after how long a CONNECT took from its PUBLISH on
   */
  public record Burst(double seconds, Latencies before, Latencies after) {

    private String json() {
      return String.format(
          Locale.ROOT,
          "{\"seconds\":%.3f,\"connectP99MillisBefore\":%.1f,\"connectP50MillisAfter\":%.1f,\"connectP99MillisAfter\":%.1f,\"connectMaxMillisAfter\":%.1f}",
          seconds,
          before.millis(P99),
          after.millis(0.5),
          after.millis(P99),
          after.millis(1));
    }
  }

  /** Writes a table for people: one line per message. */
  public void printTable(PrintWriter out) {
    out.printf("one message to %,d sessions, while others connect%n", sessions);
    out.printf(
        "%-10s %14s %24s %32s%n",
        "message", "all have it (s)", "CONNECT before p50 p99", "CONNECT after p50 p99 max (ms)");
    for (int i = 0; i < bursts.size(); i++) {
      Burst each = bursts.get(i);
      out.printf(
          Locale.ROOT,
          "%-10d %15.2f %15.1f %8.1f %14.1f %8.1f %8.1f%n",
          i + 1,
          each.seconds(),
          each.before().millis(0.5),
          each.before().millis(P99),
          each.after().millis(0.5),
          each.after().millis(P99),
          each.after().millis(1));
    }
    out.printf("CONNECTs refused: %d; connections that ended: %d%n", refused, violations.size());
    violations.stream().limit(10).forEach(out::println);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    out.printf(
        "{\"sessions\":%d,\"bursts\":[%s],\"refused\":%d,\"violations\":%d}%n",
        sessions,
        bursts.stream().map(Burst::json).collect(Collectors.joining(",")),
        refused,
        violations.size());
    out.flush();
  }
}
