// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How much of one kind of work Redis did.
 *
 * @param perSecond units of the work a second, on this machine with one client
 * @param microsOfRedis processor time of Redis for one unit
 */
public record RedisRate(String unit, double perSecond, double microsOfRedis) {

  private static final double MICROS_PER_SECOND = 1e6;

  /** Units of the work a second that would keep one core busy with Redis. */
  public double perCoreSecond() {
    return MICROS_PER_SECOND / microsOfRedis;
  }

  /** Writes a table for people. */
  public static void printTable(List<RedisRate> rates, PrintWriter out) {
    out.printf(
        "%-14s %12s %18s %22s%n", "", "per second", "us of Redis each", "per core and second");
    for (RedisRate rate : rates) {
      out.printf(
          Locale.ROOT,
          "%-14s %,12.0f %18.2f %,22.0f%n",
          rate.unit,
          rate.perSecond,
          rate.microsOfRedis,
          rate.perCoreSecond());
    }
    out.flush();
  }

  /** Writes one JSON array. */
  public static void printJson(List<RedisRate> rates, PrintWriter out) {
    out.println(
        rates.stream()
            .map(
                rate ->
                    String.format(
                        Locale.ROOT,
                        "{\"unit\":\"%s\",\"perSecond\":%.0f,\"microsOfRedis\":%.2f,\"perCoreSecond\":%.0f}",
                        rate.unit,
                        rate.perSecond,
                        rate.microsOfRedis,
                        rate.perCoreSecond()))
            .collect(Collectors.joining(",", "[", "]")));
    out.flush();
  }
}
