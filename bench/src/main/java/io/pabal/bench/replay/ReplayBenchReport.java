// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.replay;

import io.pabal.bench.client.Latencies;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * The result of a measurement.
 *
 * @param messagesRead messages that the replay read
 * @param messagesPerSecond its rate, as it says
 * @param before live messages without a replay
 * @param during live messages while it ran, the start and end of its process included
 * @param violations live messages that came out of order or twice, connections that ended
 */
public record ReplayBenchReport(
    long messagesRead,
    long messagesPerSecond,
    Latencies before,
    Latencies during,
    List<String> violations) {

  private static final double P99 = 0.99;

  /** The 99th percentile during the replay divided by the one before. */
  public double p99Factor() {
    return during.millis(P99) / before.millis(P99);
  }

  /** Writes lines for people. */
  public void printTable(PrintWriter out) {
    out.println("before         " + before);
    out.println("during replay  " + during);
    out.printf(
        Locale.ROOT,
        "replayed %,d messages, %,d/s; p99 of live messages %.2f times as high; violations %s%n",
        messagesRead,
        messagesPerSecond,
        p99Factor(),
        violations);
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "{\"messagesRead\":%d,\"messagesPerSecond\":%d,\"p99Factor\":%.2f,\"before\":%s,\"during\":%s,\"violations\":%d}%n",
        messagesRead,
        messagesPerSecond,
        p99Factor(),
        json(before),
        json(during),
        violations.size());
    out.flush();
  }

  private static String json(Latencies of) {
    return String.format(
        Locale.ROOT,
        "{\"count\":%d,\"p50Millis\":%.2f,\"p99Millis\":%.2f}",
        of.count(),
        of.millis(0.5),
        of.millis(P99));
  }
}
