// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.catchup.CatchUpBench;
import io.pabal.bench.catchup.CatchUpPlan;
import io.pabal.bench.catchup.CatchUpReport;
import io.pabal.command.ExitCode;
import io.pabal.command.Pabal;
import io.pabal.command.config.ConfigReader;
import io.pabal.command.config.ConnectorKeys;
import io.pabal.command.config.Role;
import io.pabal.connector.ConnectorConfig;
import io.pabal.embedded.FreePort;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench catch-up}: a burst to sessions that cannot take it at once. */
@Command(
    name = "catch-up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Publishes a burst to an address with many sessions whose Receive Maximum is small, so that all of them fall",
      "behind, and measures how they catch up: from recent deliveries in memory (mqtt.ringBytesMax), and without",
      "these from Redis, in turn. Starts a whole pipeline of its own, as processes on loopback; the connector and",
      "the clients share this process. Exits with 1 when a message was lost or came out of order."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench catch-up",
      "  pabal bench catch-up --rounds 1 --sessions 200 --messages 2000 --receive-maximum 10"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class CatchUpCommand implements Callable<Integer> {

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Bursts with recent deliveries in memory, and as many without (default: 3).")
  private int rounds;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Sessions of the address (default: 1000). Each needs two file descriptors (ulimit -n).")
  private int sessions;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Messages of a burst (default: 1000).")
  private int messages;

  @Option(
      names = "--payload-bytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "Payload of each message (default: 100).")
  private int payloadBytes;

  @Option(
      names = "--receive-maximum",
      paramLabel = "N",
      defaultValue = "20",
      description = "Messages that a session may have unacknowledged (default: 20).")
  private int receiveMaximum;

  @Mixin private OwnPipelineOptions pipeline;

  @Override
  public Integer call() throws Exception {
    between("--rounds", rounds, 1, 100);
    between("--sessions", sessions, 1, 100_000);
    between("--messages", messages, 1, 1_000_000);
    between("--payload-bytes", payloadBytes, 10, 200_000);
    between("--receive-maximum", receiveMaximum, 1, 65_535);
    var plan =
        new CatchUpPlan(
            Pabal.class.getName(),
            pipeline.directory(),
            FreePort::find,
            CatchUpCommand::config,
            rounds,
            new CatchUpPlan.Burst(sessions, messages, payloadBytes, receiveMaximum));
    CatchUpReport report = new CatchUpBench(plan, pipeline::tell).run();
    pipeline.print(report::printTable, report::printJson);
    return report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static ConnectorConfig config(Path file) {
    return ConnectorKeys.config(ConfigReader.read(Role.CONNECTOR, file, Map.of()));
  }
}
