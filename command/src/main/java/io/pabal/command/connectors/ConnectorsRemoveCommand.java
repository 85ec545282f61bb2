// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.ExitCode;
import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.Printable;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.registry.SchemaRegistry;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pabal connectors remove}: removes a connector that will not come back. */
@Command(
    name = "remove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Removes a connector that will not come back: its entry in connectors and its topic.",
      "Sessions are not touched: they resume on any other connector.",
      "One that runs is to be drained first; if it is removed nevertheless, it stops by itself."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal connectors remove c9 --dry-run", "  pabal connectors remove c9 --force"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ConnectorsRemoveCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "The connector's id.")
  private String id;

  @Option(names = "--force", description = "Do it; without, it is only said what would be done.")
  private boolean force;

  @Option(names = "--even-if-it-answers", description = "Also a connector that is UP and answers.")
  private boolean evenIfItAnswers;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    try (Cluster cluster = clusterOptions.connect();
        SchemaRegistry registry =
            force ? clusterOptions.registry() : clusterOptions.registryToRead()) {
      AvroCodec<ConnectorState> codec = registry.codecs().connectorState();
      ConnectorEntry entry =
          new ConnectorDirectory(
                  cluster, codec, line -> err.println("pabal: " + Printable.of(line)))
              .get(id);
      if (!evenIfItAnswers) {
        entry.requireReadable("; to remove it nevertheless, add --even-if-it-answers.");
      }
      Removal removal = new Removal(cluster, codec, entry);
      boolean answers = removal.answers();
      String plan = removal.plan();
      if (answers && !evenIfItAnswers) {
        throw new UsageException(
            "%s: is %s and answers at %s (expected: a connector that does not run). Use 'pabal connectors drain %1$s --wait' first, or --even-if-it-answers."
                .formatted(id, entry.stateName(), entry.address()));
      }
      if (dryRun) {
        err.println("pabal: would " + plan);
        return ExitCode.OK;
      }
      if (!force) {
        throw new UsageException("%s: would %s. Add --force to do it.".formatted(id, plan));
      }
      removal.run(line -> err.println("pabal: " + Printable.of(line)));
      return ExitCode.OK;
    }
  }
}
