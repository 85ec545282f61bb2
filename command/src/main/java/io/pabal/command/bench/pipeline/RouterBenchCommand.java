// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.bench.router.RouterBench;
import io.pabal.bench.router.RouterBenchPlan;
import io.pabal.bench.router.RouterBenchReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pabal bench router}: the router's throughput, compared with plain Kafka Streams. */
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

  @Mixin private OwnPipelineOptions pipeline;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (messages < 1 || addresses < 1 || rounds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--messages: %d, --addresses: %d, --rounds: %d (expected: at least 1 each)"
              .formatted(messages, addresses, rounds));
    }
    RouterBenchReport report =
        new RouterBench(
                new RouterBenchPlan(
                    Pabal.class.getName(),
                    pipeline.directory(),
                    FreePort::find,
                    messages,
                    addresses,
                    rounds),
                pipeline::tell)
            .run();
    pipeline.print(report::printTable, report::printJson);
    return ExitCode.OK;
  }
}
