// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.replay;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * The result of a measurement. Latencies are from before PUBLISH is written to after it was read by
 * the subscriber, milliseconds.
 *
 * @param replay what {@code pabal replay} printed, as JSON
 * @param replayedPerSecond messages read per second, start and end of the command's process
 *     included
 * @param before live messages without a replay
 * @param during live messages while it ran
 */
public record ReplayBenchReport(
    String replay, long replayedPerSecond, Latencies before, Latencies during) {

  /** Quantiles of {@code count} latencies. */
  public record Latencies(int count, double p50Millis, double p99Millis, double maxMillis) {}

  /** How much higher the 99th percentile was while the replay ran. */
  public double p99Factor() {
    return during.p99Millis() / before.p99Millis();
  }

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    out.printf(
        "%-16s %10s %10s %10s %10s%n",
        "live latency", "messages", "p50 (ms)", "p99 (ms)", "max (ms)");
    row(out, "before", before);
    row(out, "during replay", during);
    out.printf(
        Locale.ROOT,
        "replayed %,d messages/s, p99 %.2f times as high%n%s%n",
        replayedPerSecond,
        p99Factor(),
        replay.strip());
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "{\"replayedPerSecond\":%d,\"p99Factor\":%.2f,\"before\":%s,\"during\":%s}%n",
        replayedPerSecond,
        p99Factor(),
        json(before),
        json(during));
    out.flush();
  }

  private static void row(PrintWriter out, String name, Latencies of) {
    out.printf(
        Locale.ROOT,
        "%-16s %10d %10.2f %10.2f %10.2f%n",
        name,
        of.count(),
        of.p50Millis(),
        of.p99Millis(),
        of.maxMillis());
  }

  private static String json(Latencies of) {
    return String.format(
        Locale.ROOT,
        "{\"count\":%d,\"p50Millis\":%.2f,\"p99Millis\":%.2f,\"maxMillis\":%.2f}",
        of.count(),
        of.p50Millis(),
        of.p99Millis(),
        of.maxMillis());
  }
}
