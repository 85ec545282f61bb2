// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.hold.HoldLoad;
import picocli.CommandLine.Option;

/**
 * The flags of the load that a connector holds, for {@code pabal bench hold} and for the process
 * that this command starts.
 */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class HoldOptions {

  private static final int SESSIONS_MIN = 100;
  private static final int SESSIONS_MAX = 10_000_000;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Sessions to hold (default: 1000000).")
  private int sessions;

  @Option(
      names = "--clean",
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "false",
      description = "Sessions end with their connections; otherwise each is kept for an hour.")
  private boolean clean;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Sessions that are on their way in at a time (default: 1000).")
  private int window;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "300",
      description = "How long they are held (default: 300).")
  private int seconds;

  @Option(
      names = "--keep-alive",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Keep Alive of each, and how often it pings (default: 60).")
  private int keepAliveSeconds;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Messages per second to one session in a hundred, in turn (default: 500).")
  private int messagesPerSecond;

  HoldLoad load() {
    between("--sessions", sessions, SESSIONS_MIN, SESSIONS_MAX);
    between("--window", window, 1, SESSIONS_MAX);
    between("--seconds", seconds, 1, 24 * 3_600);
    between("--keep-alive", keepAliveSeconds, 1, 65_535);
    between("--rate", messagesPerSecond, 1, 100_000);
    return new HoldLoad(sessions, clean, window, seconds, keepAliveSeconds, messagesPerSecond);
  }
}
