// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param failovers one per end of a router, in order
 * @param published messages that Kafka acknowledged
 * @param lost messages that were delivered after a later one of their partition, or never
 */
public record FailoverReport(List<Failover> failovers, long published, long lost) {

  private static final String ROW = "%-8s %10s %12s %12s %16s %10s%n";

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    out.printf(ROW, "", "partitions", "first (ms)", "last (ms)", "survivor's (ms)", "repeated");
    for (int i = 0; i < failovers.size(); i++) {
      Failover failover = failovers.get(i);
      out.printf(
          ROW,
          i + 1,
          failover.partitions(),
          failover.firstMillis(),
          failover.lastMillis(),
          failover.survivorMillis(),
          failover.repeated());
    }
    summary(out, "min", 0);
    summary(out, "median", 0.5);
    summary(out, "max", 1);
    out.printf("published %d, lost or out of order %d%n", published, lost);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows =
        failovers.stream()
            .map(
                failover ->
                    "{\"partitions\":%d,\"firstMillis\":%d,\"lastMillis\":%d,\"survivorMillis\":%d,\"repeated\":%d}"
                        .formatted(
                            failover.partitions(),
                            failover.firstMillis(),
                            failover.lastMillis(),
                            failover.survivorMillis(),
                            failover.repeated()))
            .collect(Collectors.joining(","));
    out.printf("{\"failovers\":[%s],\"published\":%d,\"lost\":%d}%n", rows, published, lost);
    out.flush();
  }

  private void summary(PrintWriter out, String name, double quantile) {
    out.printf(
        Locale.ROOT,
        ROW,
        name,
        "",
        quantile(Failover::firstMillis, quantile),
        quantile(Failover::lastMillis, quantile),
        quantile(Failover::survivorMillis, quantile),
        quantile(Failover::repeated, quantile));
  }

  private long quantile(ToLongFunction<Failover> value, double quantile) {
    long[] sorted = failovers.stream().mapToLong(value).sorted().toArray();
    return sorted[(int) Math.round(quantile * (sorted.length - 1))];
  }
}
