// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.storm;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param sessions that came at once
 * @param warmUps storms before each that counts
 * @param storms in order: with admission, without, with, and so on, each after its warm-ups
 * @param violations what must not be: sessions that were forgotten, messages that were lost or out
 *     of order, live connections that ended
 */
public record StormReport(int sessions, int warmUps, List<Storm> storms, List<String> violations) {

  private static final int VIOLATIONS_SHOWN_MAX = 20;

  /**
   * Writes a table for people: one line per storm, then minimum, median and maximum of the storms
   * that count, with admission control and without.
   */
  public void printTable(PrintWriter out) {
    out.printf("%d sessions; latencies in ms%n", sessions);
    out.println(
        warmUps == 0
            ? "All storms count; the connectors that all came to had just started."
            : "Before each storm that counts, its connectors took in as many sessions %d times (warm-up), which does not count."
                .formatted(warmUps));
    out.printf(
        "%-12s %9s %9s %10s %11s %17s %25s%n",
        "admission",
        "back (s)",
        "refused",
        "in flight",
        "RSS (MiB)",
        "quiet p50 p99",
        "storm p50 p99 max");
    for (Storm storm : storms) {
      print(
          out,
          (storm.admission() ? "on" : "off") + (storm.warmUp() ? ", warm-up" : ""),
          value -> value.applyAsDouble(storm));
    }
    for (boolean admission : new boolean[] {true, false}) {
      String name = admission ? "on, " : "off, ";
      print(out, name + "min", value -> quantile(admission, value, 0));
      print(out, name + "median", value -> quantile(admission, value, 0.5));
      print(out, name + "max", value -> quantile(admission, value, 1));
    }
    out.printf("forgotten, lost, out of order or disconnected: %d%n", violations.size());
    violations.stream().limit(VIOLATIONS_SHOWN_MAX).forEach(out::println);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows =
        storms.stream()
            .map(
                storm ->
                    String.format(
                        Locale.ROOT,
                        "{\"warmUp\":%b,\"admission\":%b,\"allBackMillis\":%d,\"refused\":%d,\"inFlightMax\":%d,\"memoryMiB\":%d,"
                            + "\"quietP50Millis\":%.1f,\"quietP99Millis\":%.1f,"
                            + "\"stormP50Millis\":%.1f,\"stormP99Millis\":%.1f,\"stormMaxMillis\":%.1f}",
                        storm.warmUp(),
                        storm.admission(),
                        storm.allBackMillis(),
                        storm.refused(),
                        storm.inFlightMax(),
                        storm.memoryMiB(),
                        storm.quiet().millis(0.5),
                        storm.quiet().millis(0.99),
                        storm.stormy().millis(0.5),
                        storm.stormy().millis(0.99),
                        storm.stormy().millis(1)))
            .collect(Collectors.joining(","));
    out.printf(
        "{\"sessions\":%d,\"storms\":[%s],\"violations\":%d}%n", sessions, rows, violations.size());
    out.flush();
  }

  private static void print(
      PrintWriter out, String name, ToDoubleFunction<ToDoubleFunction<Storm>> figure) {
    out.printf(
        Locale.ROOT,
        "%-12s %9.1f %9.0f %10.0f %11.0f %8.1f %8.1f %8.1f %8.1f %8.1f%n",
        name,
        figure.applyAsDouble(Storm::allBackMillis) / 1_000,
        figure.applyAsDouble(Storm::refused),
        figure.applyAsDouble(Storm::inFlightMax),
        figure.applyAsDouble(Storm::memoryMiB),
        figure.applyAsDouble(storm -> storm.quiet().millis(0.5)),
        figure.applyAsDouble(storm -> storm.quiet().millis(0.99)),
        figure.applyAsDouble(storm -> storm.stormy().millis(0.5)),
        figure.applyAsDouble(storm -> storm.stormy().millis(0.99)),
        figure.applyAsDouble(storm -> storm.stormy().millis(1)));
  }

  private double quantile(boolean admission, ToDoubleFunction<Storm> value, double quantile) {
    double[] sorted =
        storms.stream()
            .filter(storm -> storm.admission() == admission && !storm.warmUp())
            .mapToDouble(value)
            .sorted()
            .toArray();
    return sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }
}
