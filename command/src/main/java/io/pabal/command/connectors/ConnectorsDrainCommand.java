// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.ExitCode;
import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.Printable;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code pabal connectors drain}: has the effect of SIGTERM on a process to which the operator
 * cannot send a signal.
 */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Asks a running connector to leave in good order, as SIGTERM does: it takes no more clients,",
      "sends those that it has elsewhere at its own rate, and its process ends with exit code 0.",
      "Returns when the connector has begun, or has left with --wait."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal connectors drain c1 --dry-run", "  pabal connectors drain c1 --wait"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ConnectorsDrainCommand implements Callable<Integer> {

  private static final int BEGINS_SECONDS_MAX = 15;
  private static final int POLL_MILLIS = 500;

  @Parameters(paramLabel = "ID", description = "The connector's id.")
  private String id;

  @Option(names = "--wait", description = "Wait until it has left.")
  private boolean wait;

  @Option(
      names = "--timeout-seconds",
      paramLabel = "S",
      defaultValue = "600",
      description = "How long to wait with --wait (default: 600).")
  private int timeoutSeconds;

  @Option(names = "--dry-run", description = "Only say what would be asked of whom.")
  private boolean dryRun;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (timeoutSeconds < 1) {
      throw new UsageException(
          "--timeout-seconds: %d (expected: 1 or more).".formatted(timeoutSeconds));
    }
    PrintWriter err = spec.commandLine().getErr();
    try (Cluster cluster = clusterOptions.connect();
        SchemaRegistry registry = clusterOptions.registryToRead()) {
      var directory =
          new ConnectorDirectory(
              cluster,
              registry.codecs().connectorState(),
              line -> err.println("pabal: " + Printable.of(line)));
      ConnectorEntry entry = directory.get(id);
      entry.requireReadable(".");
      ConnectorState state = entry.state();
      if (state == null || !entry.claimsToRun()) {
        err.printf("pabal: %s is %s, there is nothing to drain%n", id, entry.stateName());
        return ExitCode.OK;
      }
      if (dryRun) {
        err.printf(
            "pabal: would ask %s (incarnation %d, %s) to leave%n",
            id, state.getIncarnation(), entry.stateName());
        return ExitCode.OK;
      }
      ask(cluster, entry, state.getIncarnation());
      return await(directory, state.getIncarnation(), err);
    }
  }

  private void ask(Cluster cluster, ConnectorEntry entry, long incarnation) {
    // A second such record changes nothing while the connector drains.
    var header =
        new RecordHeader(DeliveryHeader.NAME, new DeliveryHeader.Drain(incarnation).toBytes());
    String topic = TopicCatalogue.deliveriesTopic(entry.id());
    cluster.describe(topic);
    cluster.send(
        new ProducerRecord<>(
            topic, 0, entry.id().getBytes(StandardCharsets.UTF_8), null, List.of(header)));
  }

  private int await(ConnectorDirectory directory, long incarnation, PrintWriter err)
      throws InterruptedException {
    long seconds = wait ? timeoutSeconds : BEGINS_SECONDS_MAX;
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    boolean said = false;
    while (System.nanoTime() < deadlineNanos) {
      Optional<ConnectorEntry> entry = directory.find(id);
      entry.ifPresent(present -> present.requireReadable("."));
      ConnectorStatus status = statusOf(entry, incarnation);
      if (status == ConnectorStatus.DOWN) {
        err.printf("pabal: %s has left%n", id);
        return ExitCode.OK;
      }
      if (status == ConnectorStatus.DRAINING && !said) {
        said = true;
        err.printf("pabal: %s is draining%n", id);
      }
      if (said && !wait) {
        return ExitCode.OK;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    err.println(
        said
            ? "pabal: %s is still draining after %d s. Go on with: pabal connectors drain %1$s --wait"
                .formatted(id, seconds)
            : "pabal: %s does not answer within %d s: is its process running? One that will not come back: pabal connectors remove %1$s --force"
                .formatted(id, seconds));
    return ExitCode.FAILED;
  }

  /**
   * The status of the incarnation that was asked to leave. An incarnation that another one has
   * replaced is DOWN.
   */
  private static ConnectorStatus statusOf(Optional<ConnectorEntry> entry, long incarnation) {
    return entry
        .map(ConnectorEntry::state)
        .filter(state -> state.getIncarnation() == incarnation)
        .map(ConnectorState::getStatus)
        .orElse(ConnectorStatus.DOWN);
  }
}
