// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.catchup;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param burst what one burst was
 * @param rounds in order: with recent deliveries in memory, without, with, and so on
 * @param violations what must not be: connections that ended, messages that were lost or out of
 *     order
 */
public record CatchUpReport(
    CatchUpPlan.Burst burst, List<CatchUpRound> rounds, List<String> violations) {

  private static final int VIOLATIONS_SHOWN_MAX = 20;

  /** Writes a table for people: one line per burst, then the medians. */
  public void printTable(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%,d messages of %,d bytes to %,d sessions with Receive Maximum %d: %,d deliveries a burst%n",
        burst.messages(),
        burst.payloadBytes(),
        burst.sessions(),
        burst.receiveMaximum(),
        burst.deliveries());
    out.printf(
        "%-12s %8s %12s %12s %14s %10s %10s %10s %10s%n",
        "memory",
        "s",
        "deliveries/s",
        "fell behind",
        "from memory",
        "reads",
        "shared",
        "CPU (s)",
        "Redis (s)");
    for (CatchUpRound round : rounds) {
      print(out, round.memory() ? "on" : "off", value -> value.applyAsDouble(round));
    }
    print(out, "on, median", value -> median(true, value));
    print(out, "off, median", value -> median(false, value));
    out.printf("lost, out of order or disconnected: %d%n", violations.size());
    violations.stream().limit(VIOLATIONS_SHOWN_MAX).forEach(out::println);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows =
        rounds.stream()
            .map(
                round ->
                    String.format(
                        Locale.ROOT,
                        "{\"memory\":%b,\"seconds\":%.3f,\"fellBehind\":%d,\"fromMemory\":%d,"
                            + "\"reads\":%d,\"shared\":%d,\"cpuSeconds\":%.2f,\"redisCpuSeconds\":%.2f}",
                        round.memory(),
                        round.seconds(),
                        round.fellBehind(),
                        round.fromMemory(),
                        round.reads(),
                        round.shared(),
                        round.cpuSeconds(),
                        round.redisCpuSeconds()))
            .collect(Collectors.joining(","));
    out.printf(
        "{\"sessions\":%d,\"messages\":%d,\"payloadBytes\":%d,\"receiveMaximum\":%d,\"bursts\":[%s],\"violations\":%d}%n",
        burst.sessions(),
        burst.messages(),
        burst.payloadBytes(),
        burst.receiveMaximum(),
        rows,
        violations.size());
    out.flush();
  }

  private void print(
      PrintWriter out, String name, ToDoubleFunction<ToDoubleFunction<CatchUpRound>> figure) {
    out.printf(
        Locale.ROOT,
        "%-12s %8.2f %,12.0f %,12.0f %,14.0f %,10.0f %,10.0f %10.2f %10.2f%n",
        name,
        figure.applyAsDouble(CatchUpRound::seconds),
        figure.applyAsDouble(round -> burst.deliveries() / round.seconds()),
        figure.applyAsDouble(CatchUpRound::fellBehind),
        figure.applyAsDouble(CatchUpRound::fromMemory),
        figure.applyAsDouble(CatchUpRound::reads),
        figure.applyAsDouble(CatchUpRound::shared),
        figure.applyAsDouble(CatchUpRound::cpuSeconds),
        figure.applyAsDouble(CatchUpRound::redisCpuSeconds));
  }

  private double median(boolean memory, ToDoubleFunction<CatchUpRound> value) {
    double[] sorted =
        rounds.stream()
            .filter(round -> round.memory() == memory)
            .mapToDouble(value)
            .sorted()
            .toArray();
    return sorted[(sorted.length - 1) / 2];
  }
}
