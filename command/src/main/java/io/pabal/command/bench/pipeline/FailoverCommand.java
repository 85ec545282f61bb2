// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.bench.failover.FailoverBench;
import io.pabal.bench.failover.FailoverPlan;
import io.pabal.bench.failover.FailoverReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench failover}: how long deliveries pause when one of two routers ends. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ends one of two routers under traffic, again and again, and measures how long deliveries rest.",
      "Starts a broker and two routers of its own, as processes on loopback."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench failover",
      "  pabal bench failover --protocol streams",
      "  pabal bench failover --stock-broker --session-timeout-millis 6000",
      "  pabal bench failover --stop term"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class FailoverCommand implements Callable<Integer> {

  private enum Protocol {
    CLASSIC,
    STREAMS
  }

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "10",
      description = "How often a router is ended (default: 10).")
  private int kills;

  @Option(
      names = "--stop",
      paramLabel = "HOW",
      defaultValue = "kill",
      description = "kill: by SIGKILL, term: by SIGTERM (default: kill).")
  private FailoverPlan.Stop stop;

  @Option(
      names = "--addresses",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Rows of the location table (default: 100000).")
  private int addresses;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "12",
      description = "Partitions of messages (default: 12).")
  private int partitions;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Messages published per second (default: 1000).")
  private int messagesPerSecond;

  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      defaultValue = "classic",
      description = "router.groupProtocol: classic or streams (default: classic).")
  private Protocol protocol;

  @Option(
      names = "--session-timeout-millis",
      paramLabel = "MS",
      defaultValue = "2000",
      description = "router.sessionTimeoutMillis (default: 2000).")
  private long sessionTimeoutMillis;

  @Option(
      names = "--standbys",
      paramLabel = "N",
      defaultValue = "1",
      description = "router.standbyReplicas (default: 1).")
  private int standbyReplicas;

  @Option(
      names = "--stock-broker",
      description = "Leave the broker's settings of groups as Kafka's defaults are.")
  private boolean stockBroker;

  @Option(
      names = "--settle-seconds",
      paramLabel = "S",
      defaultValue = "3",
      description =
          "Undisturbed time before each end (default: 3). Above 10000 addresses per partition, 90 lets the classic protocol move half of them back.")
  private int settleSeconds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides at which moments routers are ended (default: 1).")
  private long seed;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    FailoverReport report = new FailoverBench(plan(), pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.lost() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private FailoverPlan plan() throws Exception {
    return new FailoverPlan(
        Pabal.class.getName(),
        pipeline.directory(),
        kills,
        stop,
        addresses,
        partitions,
        messagesPerSecond,
        protocol == Protocol.STREAMS,
        stockBroker,
        Duration.ofMillis(sessionTimeoutMillis),
        standbyReplicas,
        Duration.ofSeconds(settleSeconds),
        seed);
  }
}
