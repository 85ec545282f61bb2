// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.checkpoint;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param sessions sessions in Redis
 * @param sizes one for each size and round, in the order in which they were measured
 */
public record CheckpointReport(int sessions, List<Size> sizes) {

  /**
   * The checkpoints of one round with scripts of one size.
   *
   * @param size sessions of one script, at most
   * @param checkpoints checkpoints that Redis has confirmed
   * @param scripts scripts that carried them
   * @param seconds how long it took
   * @param redisCpuSeconds processor time of Redis meanwhile
   */
  public record Size(
      int size, long checkpoints, long scripts, double seconds, double redisCpuSeconds) {

    double microsEach() {
      return redisCpuSeconds * 1e6 / checkpoints;
    }

    double perCore() {
      return checkpoints / redisCpuSeconds;
    }

    double perSecond() {
      return checkpoints / seconds;
    }

    double scriptMicros() {
      return redisCpuSeconds * 1e6 / scripts;
    }
  }

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    out.printf("%,d sessions, one cursor each, no delivery in flight%n", sessions);
    out.printf(
        "%8s %13s %15s %19s %22s%n",
        "a script",
        "checkpoints/s",
        "Redis' CPU (us)",
        "a script's CPU (us)",
        "a core of Redis (1/s)");
    for (Size each : sizes) {
      out.printf(
          Locale.ROOT,
          "%8d %13.0f %15.2f %19.0f %22.0f%n",
          each.size(),
          each.perSecond(),
          each.microsEach(),
          each.scriptMicros(),
          each.perCore());
    }
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows =
        sizes.stream()
            .map(
                each ->
                    String.format(
                        Locale.ROOT,
                        "{\"sessionsPerScript\":%d,\"checkpoints\":%d,\"scripts\":%d,\"checkpointsPerSecond\":%.0f,"
                            + "\"redisCpuMicros\":%.2f,\"checkpointsPerCoreSecond\":%.0f}",
                        each.size(),
                        each.checkpoints(),
                        each.scripts(),
                        each.perSecond(),
                        each.microsEach(),
                        each.perCore()))
            .collect(Collectors.joining(","));
    out.printf("{\"sessions\":%d,\"sizes\":[%s]}%n", sessions, rows);
    out.flush();
  }
}
