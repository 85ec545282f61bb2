// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.bench.neighbour.NeighbourBench;
import io.pabal.bench.neighbour.NeighbourPlan;
import io.pabal.bench.neighbour.NeighbourReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench neighbour}: what the clients of one connector notice when another dies. */
@Command(
    name = "neighbour",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Kills one of two connectors under load (-9), again and again, and measures the latency at the other one.",
      "Starts a whole pipeline of its own, as processes on loopback. Exits with 1 when a message was lost or",
      "came out of order, or a connection to the other connector ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal bench neighbour", "  pabal bench neighbour --kills 3 --sessions 4000"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class NeighbourCommand implements Callable<Integer> {

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often the neighbour is killed (default: 5).")
  private int kills;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Sessions that the neighbour holds (default: 1000).")
  private int sessions;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Messages per second to the sessions of each connector (default: 500).")
  private int messagesPerSecond;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "Traffic before the first measurement (default: 10).")
  private int warmUpSeconds;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    var plan =
        new NeighbourPlan(
            Pabal.class.getName(),
            pipeline.directory(),
            FreePort::find,
            kills,
            sessions,
            messagesPerSecond,
            Duration.ofSeconds(warmUpSeconds));
    NeighbourReport report = new NeighbourBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
