// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.load.ReturnBench;
import io.pabal.bench.load.plan.ReturnPlan;
import io.pabal.bench.load.plan.TrafficPlan;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of commands whose sessions leave and return. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class ReturnOptions {

  private static final int SESSIONS_MAX = 1_000_000;
  private static final int WAITING_MAX = 100_000;
  private static final int WINDOW_MAX = 65_535;
  private static final int CONNECTING_MAX = 10_000;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      defaultValue = "100",
      description = "Length of each message, at least 20 (default: 100).")
  private int payloadBytes;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Messages of the publisher that may be without PUBACK (default: 1000).")
  private int window;

  @Option(
      names = "--connecting",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "Sessions that connect and subscribe at the same time, before they leave (default: 200).")
  private int connecting;

  @Mixin private RoundOptions rounds;
  @Mixin private ServerOptions server;

  int measure(String name, int sessions, int waiting) throws Exception {
    between("--sessions", sessions, 1, SESSIONS_MAX);
    between("--messages", waiting, 1, WAITING_MAX);
    between(
        "--payload", payloadBytes, TrafficPlan.PAYLOAD_BYTES_MIN, TrafficOptions.PAYLOAD_BYTES_MAX);
    between("--window", window, 1, WINDOW_MAX);
    between("--connecting", connecting, 1, CONNECTING_MAX);
    var plan =
        new ReturnPlan(
            name,
            sessions,
            waiting,
            payloadBytes,
            window,
            connecting,
            rounds.rounds(),
            rounds.settle());
    return server.measure(
        sessions + 1L, (target, progress) -> new ReturnBench(target, plan, progress).run());
  }
}
