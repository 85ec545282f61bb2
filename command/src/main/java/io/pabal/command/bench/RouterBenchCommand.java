// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import io.pabal.bench.router.RouterBench;
import io.pabal.bench.router.RouterBenchPlan;
import io.pabal.bench.router.RouterBenchReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.output.Format;
import io.pabal.embedded.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pabal bench router}: how much the router routes, beside Kafka Streams on its own. */
@Command(
    name = "router",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures records per second and CPU time of the router, and in turns with it of a Kafka",
      "Streams application that only sends each record on: the same settings, broker and records.",
      "Starts a broker of its own on loopback; everything is a process."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench router",
      "  pabal bench router --messages 200000 --rounds 5",
      "  pabal bench router --format json"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RouterBenchCommand implements Callable<Integer> {

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "2000000",
      description = "Messages of 100 bytes payload, routed in each round (default: 2000000).")
  private int messages;

  @Option(
      names = "--addresses",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Addresses that they are of (default: 10000).")
  private int addresses;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds of both, in turns (default: 3).")
  private int rounds;

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
    if (messages < 1 || addresses < 1 || rounds < 1) {
      throw new ParameterException(
          commandLine,
          "--messages: %d, --addresses: %d, --rounds: %d (expected: at least 1 each)"
              .formatted(messages, addresses, rounds));
    }
    RouterBenchReport report =
        new RouterBench(
                new RouterBenchPlan(
                    Pabal.class.getName(),
                    data == null ? Files.createTempDirectory("pabal-bench") : data,
                    FreePort::find,
                    messages,
                    addresses,
                    rounds),
                line -> commandLine.getErr().println("pabal: " + line))
            .run();
    switch (format) {
      case TABLE -> report.printTable(commandLine.getOut());
      case JSON -> report.printJson(commandLine.getOut());
    }
    return ExitCode.OK;
  }
}
