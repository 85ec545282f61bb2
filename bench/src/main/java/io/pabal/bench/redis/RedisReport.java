// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param sessions sessions of the checkpoints, and as many of the claims
 * @param rates by kind of work, and in the order of the rounds
 */
public record RedisReport(int sessions, List<RedisRate> rates) {

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%,d sessions with one feed each, no delivery in flight; messages of 150 bytes%n",
        sessions);
    out.printf(
        "%-14s %12s %12s %18s %22s%n",
        "", "in a script", "per second", "us of Redis each", "per core and second");
    for (RedisRate rate : rates) {
      out.printf(
          Locale.ROOT,
          "%-14s %12d %,12.0f %18.2f %,22.0f%n",
          rate.unit(),
          rate.perScript(),
          rate.perSecond(),
          rate.microsOfRedis(),
          rate.perCoreSecond());
    }
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    String rows =
        rates.stream()
            .map(
                rate ->
                    String.format(
                        Locale.ROOT,
                        "{\"unit\":\"%s\",\"perScript\":%d,\"perSecond\":%.0f,"
                            + "\"microsOfRedis\":%.2f,\"perCoreSecond\":%.0f}",
                        rate.unit(),
                        rate.perScript(),
                        rate.perSecond(),
                        rate.microsOfRedis(),
                        rate.perCoreSecond()))
            .collect(Collectors.joining(","));
    out.printf("{\"sessions\":%d,\"rates\":[%s]}%n", sessions, rows);
    out.flush();
  }
}
