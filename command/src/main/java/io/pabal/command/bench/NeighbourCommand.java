// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import io.pabal.bench.neighbour.NeighbourBench;
import io.pabal.bench.neighbour.NeighbourPlan;
import io.pabal.bench.neighbour.NeighbourReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal bench neighbour}: what one connector's clients notice when another one dies. */
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

  private enum Format {
    TABLE,
    JSON
  }

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
    var plan =
        new NeighbourPlan(
            Pabal.class.getName(),
            data == null ? Files.createTempDirectory("pabal-bench") : data,
            FreePort::find,
            kills,
            sessions,
            messagesPerSecond);
    NeighbourReport report =
        new NeighbourBench(plan, line -> commandLine.getErr().println("pabal: " + line)).run();
    switch (format) {
      case TABLE -> report.printTable(commandLine.getOut());
      case JSON -> report.printJson(commandLine.getOut());
    }
    return report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
