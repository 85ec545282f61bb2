// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.bench.replay.ReplayBench;
import io.pabal.bench.replay.ReplayBenchPlan;
import io.pabal.bench.replay.ReplayBenchReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench replay}: how fast a replay is, and how much the replay slows live traffic. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Replays many messages and measures the rate, and the latency of live messages meanwhile.",
      "Starts a Pabal of its own on loopback, in processes."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench replay",
      "  pabal bench replay --messages 50000 --baseline-seconds 10",
      "  pabal bench replay --replay-rate 50000/s"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ReplayBenchCommand implements Callable<Integer> {

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Messages to replay (default: 1000000).")
  private int messages;

  @Option(
      names = "--addresses",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Addresses that they are of (default: 10000).")
  private int addresses;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Live messages published per second (default: 1000).")
  private int liveMessagesPerSecond;

  @Option(
      names = "--baseline-seconds",
      paramLabel = "S",
      defaultValue = "30",
      description = "How long live messages are measured without a replay (default: 30).")
  private int baselineSeconds;

  @Option(
      names = "--replay-rate",
      paramLabel = "N/s",
      defaultValue = "",
      description = "The replay's --rate (default: no bound).")
  private String replayRate;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    ReplayBenchReport report =
        new ReplayBench(
                new ReplayBenchPlan(
                    Pabal.class.getName(),
                    pipeline.directory(),
                    messages,
                    addresses,
                    liveMessagesPerSecond,
                    Duration.ofSeconds(baselineSeconds),
                    replayRate),
                pipeline::tell)
            .run();
    pipeline.print(report::printTable, report::printJson);
    return report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
