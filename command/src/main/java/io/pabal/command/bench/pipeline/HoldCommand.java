// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.bench.hold.HoldBench;
import io.pabal.bench.hold.HoldPlan;
import io.pabal.bench.hold.HoldPlan.Collector;
import io.pabal.bench.hold.HoldReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.embedded.FreePort;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench hold}: very many sessions on one connector, and the cost of one session. */
@Command(
    name = "hold",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Has very many clients connect to one connector and subscribe, each to an address of its own; holds them with",
      "pings and some messages, and says what a session costs. The clients are in the connector's own process and need",
      "no sockets; Kafka, Redis, router and timeline writer are processes of their own, on loopback.",
      "Exits with 1 when a client was disconnected, or a message was lost or came out of order."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench hold --sessions 20000 --heap 1g --seconds 60",
      "  pabal bench hold --sessions 1000000 --heap 6g"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class HoldCommand implements Callable<Integer> {

  @Mixin private final HoldOptions load = new HoldOptions();

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      defaultValue = "6g",
      description = "-Xmx of the connector and its clients (default: 6g).")
  private String heap;

  @Option(
      names = "--gc",
      paramLabel = "NAME",
      defaultValue = "g1",
      description = "Its garbage collector: g1 or zgc (default: g1).")
  private Collector collector;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    var plan =
        new HoldPlan(
            Pabal.class.getName(),
            pipeline.directory(),
            FreePort::find,
            heap,
            collector,
            load.load());
    HoldReport report = new HoldBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.isGood() ? ExitCode.OK : ExitCode.FAILED;
  }
}
