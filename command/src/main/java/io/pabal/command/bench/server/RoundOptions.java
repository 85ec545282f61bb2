// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags of commands that repeat a measurement in one process. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class RoundOptions {

  private static final int ROUNDS_MAX = 1_000;
  private static final int SETTLE_SECONDS_MAX = 3_600;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "How often it is done and measured; the report has each, the median, the lowest and the highest",
        "(default: 1, which measures compilers that are still at work, the server's and this tool's)."
      })
  private int rounds;

  @Option(
      names = "--settle",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "Rest before sessions return, so that the server is done with what was before (default: 1).")
  private int settleSeconds;

  int rounds() {
    between("--rounds", rounds, 1, ROUNDS_MAX);
    return rounds;
  }

  Duration settle() {
    between("--settle", settleSeconds, 0, SETTLE_SECONDS_MAX);
    return Duration.ofSeconds(settleSeconds);
  }
}
