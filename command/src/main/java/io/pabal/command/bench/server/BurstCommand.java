// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.burst.BurstBench;
import io.pabal.bench.burst.BurstPlan;
import io.pabal.bench.burst.BurstReport;
import io.pabal.command.ExitCode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench burst}: one message to very many sessions, while others connect. */
@Command(
    name = "burst",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Publishes one message to many persistent sessions of any MQTT server that runs already, while other clients",
      "connect, and measures how soon all have it and how long a CONNECT takes before and after it. Exits with 1 when a",
      "CONNECT was refused or a connection ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal bench burst", "  pabal bench burst --sessions 100000 --source-addresses 8"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class BurstCommand implements Callable<Integer> {

  private static final int SESSIONS_MAX = 1_000_000;
  private static final int RATE_MAX = 10_000;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Sessions that get it (default: 10000). Each needs a file descriptor (ulimit -n).")
  private int sessions;

  @Option(
      names = "--bursts",
      paramLabel = "N",
      defaultValue = "5",
      description = "Messages, one after the other (default: 5).")
  private int bursts;

  @Option(
      names = "--connect-rate",
      paramLabel = "N",
      defaultValue = "50",
      description = "Clients that connect per second (default: 50).")
  private int connectsPerSecond;

  @Option(
      names = "--observe",
      paramLabel = "S",
      defaultValue = "5",
      description = "How long they connect before each message, and as long after it (default: 5).")
  private int observedSeconds;

  @Mixin private ServerOptions server;

  @Override
  public Integer call() throws Exception {
    between("--sessions", sessions, 1, SESSIONS_MAX);
    between("--bursts", bursts, 1, 1_000);
    between("--connect-rate", connectsPerSecond, 1, RATE_MAX);
    between("--observe", observedSeconds, 1, 3_600);
    var plan =
        new BurstPlan(sessions, bursts, connectsPerSecond, Duration.ofSeconds(observedSeconds));
    BurstReport report =
        server.measured(
            sessions + 1L + connectsPerSecond,
            (target, progress) -> new BurstBench(target.endpoint(), plan, progress).run());
    server.print(report::printTable, report::printJson);
    return report.refused() == 0 && report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
