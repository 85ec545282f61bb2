// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Printable;
import io.pabal.command.output.Table;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.TopicCatalogue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code pabal connectors list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the connectors that have registered, and topics whose connector is gone.",
      "A connector that crashed stays UP here until its next start."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal connectors list", "  pabal connectors list --format json"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ConnectorsListCommand implements Runnable {

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Table table =
        new Table("connector", "state", "incarnation", "since", "address", "topic", "note");
    try (Cluster cluster = clusterOptions.connect();
        SchemaRegistry registry = clusterOptions.registryToRead()) {
      new ConnectorDirectory(
              cluster,
              registry.codecs().connectorState(),
              line -> spec.commandLine().getErr().println("pabal: " + Printable.of(line)))
          .list()
          .forEach(entry -> add(entry, table));
    }
    output.print(table);
  }

  private static void add(ConnectorEntry entry, Table table) {
    ConnectorState state = entry.state();
    table.row(
        entry.id(),
        entry.stateName(),
        state == null ? null : state.getIncarnation(),
        state == null ? null : state.getSince(),
        entry.address(),
        entry.hasTopic() ? TopicCatalogue.deliveriesTopic(entry.id()) : null,
        note(entry));
  }

  private static String note(ConnectorEntry entry) {
    if (entry.unreadable() != null) {
      return "its entry cannot be read: " + entry.unreadable();
    }
    if (entry.state() == null) {
      return "the topic of a connector that is not registered: pabal connectors remove %s --force"
          .formatted(entry.id());
    }
    return entry.claimsToRun() && !entry.hasTopic()
        ? "its topic is missing, nothing reaches it: start it again"
        : "";
  }
}
