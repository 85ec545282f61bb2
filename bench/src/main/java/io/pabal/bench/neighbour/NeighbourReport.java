// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.neighbour;

import io.pabal.bench.client.Latencies;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param kills the latencies of the connector that was measured, one map per kill, in order
 * @param sent messages to the sessions of that connector
 * @param sentToNeighbour messages to the sessions of the neighbour
 * @param repeated messages to the neighbour's sessions that arrived again, after a kill
 * @param heldBack how often no message was sent, because too many were unacknowledged
 * @param violations what must not be: messages out of order, connections to the measured connector
 *     that ended
 */
public record NeighbourReport(
    List<Map<Phase, Latencies>> kills,
    int sent,
    int sentToNeighbour,
    int repeated,
    int heldBack,
    List<String> violations) {

  private static final String ROW = "%-4s %-13s %9d %9.1f %9.1f %9.1f%n";
  private static final int VIOLATIONS_SHOWN_MAX = 20;

  /** Writes a table for people: one line per kill and phase, then the medians over all kills. */
  public void printTable(PrintWriter out) {
    out.printf(
        "%-4s %-13s %9s %9s %9s %9s%n", "kill", "", "messages", "p50 (ms)", "p99 (ms)", "max (ms)");
    for (int i = 0; i < kills.size(); i++) {
      for (Phase phase : Phase.values()) {
        Latencies latencies = of(i, phase);
        out.printf(
            Locale.ROOT,
            ROW,
            i + 1,
            phase.label(),
            latencies.count(),
            latencies.millis(0.5),
            latencies.millis(0.99),
            latencies.millis(1));
      }
    }
    for (Phase phase : Phase.values()) {
      out.printf(
          Locale.ROOT,
          ROW,
          "all",
          phase.label(),
          total(phase),
          median(phase, 0.5),
          median(phase, 0.99),
          median(phase, 1));
    }
    out.printf(
        "sent %d (held back %d) and %d to the neighbour (repeated %d), all arrived; out of order or disconnected %d%n",
        sent, heldBack, sentToNeighbour, repeated, violations.size());
    violations.stream().limit(VIOLATIONS_SHOWN_MAX).forEach(out::println);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows = kills.stream().map(NeighbourReport::json).collect(Collectors.joining(","));
    out.printf(
        "{\"kills\":[%s],\"sent\":%d,\"heldBack\":%d,\"sentToNeighbour\":%d,\"repeated\":%d,\"violations\":%d}%n",
        rows, sent, heldBack, sentToNeighbour, repeated, violations.size());
    out.flush();
  }

  private static String json(Map<Phase, Latencies> kill) {
    return kill.entrySet().stream()
        .map(
            each ->
                String.format(
                    Locale.ROOT,
                    "\"%s\":{\"messages\":%d,\"p50Millis\":%.1f,\"p99Millis\":%.1f,\"maxMillis\":%.1f}",
                    each.getKey().key(),
                    each.getValue().count(),
                    each.getValue().millis(0.5),
                    each.getValue().millis(0.99),
                    each.getValue().millis(1)))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private Latencies of(int kill, Phase phase) {
    return kills.get(kill).getOrDefault(phase, Latencies.NONE);
  }

  private int total(Phase phase) {
    return kills.stream().mapToInt(each -> each.getOrDefault(phase, Latencies.NONE).count()).sum();
  }

  private double median(Phase phase, double share) {
    double[] sorted = new double[kills.size()];
    Arrays.setAll(sorted, i -> of(i, phase).millis(share));
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
