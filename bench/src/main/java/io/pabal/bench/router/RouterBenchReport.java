// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.router;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The result of a measurement, round by round.
 *
 * @param passThrough of a Kafka Streams application that sends records on as they are
 * @param router of Pabal's router
 */
public record RouterBenchReport(List<Rate> passThrough, List<Rate> router) {

  private static final double NANOS_PER_MICRO = 1e3;

  /** The median rate of the router divided by that of the pass-through application. */
  public double ratio() {
    return median(router, Rate::recordsPerSecond) / median(passThrough, Rate::recordsPerSecond);
  }

  /** Writes lines for people. */
  public void printTable(PrintWriter out) {
    out.println(
        "               records/s: median (lowest-highest)   CPU us/record   broker CPU us/record");
    line(out, "pass-through", passThrough);
    line(out, "router", router);
    String byRound =
        IntStream.range(0, router.size())
            .mapToObj(i -> String.format(Locale.ROOT, "%.2f", ratio(i)))
            .collect(Collectors.joining(", "));
    out.printf(Locale.ROOT, "ratio          %.2f of the medians; by round %s%n", ratio(), byRound);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "{\"ratio\":%.3f,\"passThrough\":%s,\"router\":%s}%n",
        ratio(),
        json(passThrough),
        json(router));
    out.flush();
  }

  private double ratio(int round) {
    return router.get(round).recordsPerSecond() / passThrough.get(round).recordsPerSecond();
  }

  private static void line(PrintWriter out, String name, List<Rate> rates) {
    var summary = rates.stream().mapToDouble(Rate::recordsPerSecond).summaryStatistics();
    out.printf(
        Locale.ROOT,
        "%-14s %,9.0f (%,.0f-%,.0f) %24.2f %17.2f%n",
        name,
        median(rates, Rate::recordsPerSecond),
        summary.getMin(),
        summary.getMax(),
        median(rates, Rate::cpuNanosPerRecord) / NANOS_PER_MICRO,
        median(rates, Rate::brokerCpuNanosPerRecord) / NANOS_PER_MICRO);
  }

  private static String json(List<Rate> rates) {
    return rates.stream()
        .map(
            rate ->
                String.format(
                    Locale.ROOT,
                    "{\"recordsPerSecond\":%.0f,\"cpuNanosPerRecord\":%.0f,\"brokerCpuNanosPerRecord\":%.0f}",
                    rate.recordsPerSecond(),
                    rate.cpuNanosPerRecord(),
                    rate.brokerCpuNanosPerRecord()))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static double median(List<Rate> rates, ToDoubleFunction<Rate> of) {
    double[] sorted = rates.stream().mapToDouble(of).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
