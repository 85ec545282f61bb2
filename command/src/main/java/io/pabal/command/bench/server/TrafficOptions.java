// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.load.plan.TrafficPlan;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags of commands that publish to connected subscribers. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TrafficOptions {

  static final int PAYLOAD_BYTES_MAX = 1 << 20;
  static final int SECONDS_MAX = 24 * 3_600;

  /**
   * With --rate, the maximum number of one publisher's messages on their way. Messages that are due
   * beyond this number wait, and their latency grows meanwhile.
   */
  private static final int PACED_WINDOW = 1_024;

  private static final int WINDOW_MAX = 65_535;
  private static final int RATE_MAX = 10_000_000;
  private static final int CONNECTING_MAX = 10_000;

  @Option(
      names = "--persistent",
      description = "The server keeps the subscribers' sessions, until the end of the run.")
  private boolean persistent;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      defaultValue = "100",
      description = "Length of each message, at least 20 (default: 100).")
  private int payloadBytes;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Messages per second of all publishers together, whatever the server does; latencies count from",
        "when a message should have been sent (default: 0, send as fast as --window allows)."
      })
  private double messagesPerSecond;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "5",
      description = "Seconds of the same load before it is measured (default: 5).")
  private int warmUpSeconds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "How long it is measured (default: 20).")
  private int seconds;

  @Option(
      names = "--connecting",
      paramLabel = "N",
      defaultValue = "100",
      description = "Clients that connect at the same time (default: 100).")
  private int connecting;

  TrafficPlan plan(
      String name, int publishers, int subscribers, int publishQos, int subscribeQos, int window) {
    between("--payload", payloadBytes, TrafficPlan.PAYLOAD_BYTES_MIN, PAYLOAD_BYTES_MAX);
    between("--rate", messagesPerSecond, 0, RATE_MAX);
    between("--warm-up", warmUpSeconds, 0, SECONDS_MAX);
    between("--seconds", seconds, 1, SECONDS_MAX);
    between("--connecting", connecting, 1, CONNECTING_MAX);
    between("--window", window, 1, WINDOW_MAX);
    between("--publish-qos", publishQos, 0, 1);
    between("--subscribe-qos", subscribeQos, 0, 1);
    return new TrafficPlan(
        name,
        publishers,
        subscribers,
        payloadBytes,
        publishQos,
        subscribeQos,
        persistent,
        messagesPerSecond > 0 ? PACED_WINDOW : window,
        messagesPerSecond,
        Duration.ofSeconds(warmUpSeconds),
        Duration.ofSeconds(seconds),
        connecting);
  }
}
