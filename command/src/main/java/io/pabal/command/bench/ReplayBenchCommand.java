// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import io.pabal.bench.replay.ReplayBench;
import io.pabal.bench.replay.ReplayBenchPlan;
import io.pabal.bench.replay.ReplayBenchReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.output.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal bench replay}: how fast a replay is, and what live traffic feels of it. */
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

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A new directory for data and logs (default: one for temporary files).")
  private @Nullable Path data;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "table",
      description = "table or json (default: table).")
  private Format format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var commandLine = spec.commandLine();
    ReplayBenchReport report =
        new ReplayBench(
                new ReplayBenchPlan(
                    Pabal.class.getName(),
                    data == null ? Files.createTempDirectory("pabal-bench") : data,
                    messages,
                    addresses,
                    liveMessagesPerSecond,
                    Duration.ofSeconds(baselineSeconds),
                    replayRate),
                line -> commandLine.getErr().println("pabal: " + line))
            .run();
    switch (format) {
      case TABLE -> report.printTable(commandLine.getOut());
      case JSON -> report.printJson(commandLine.getOut());
    }
    return report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
