// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Table;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.Span;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pabal topics list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists Pabal's topics and how many offsets each holds.",
    footerHeading = "%nExamples:%n",
    footer = {"  pabal topics list", "  pabal topics list --format json"})
public final class TopicsListCommand implements Runnable {

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Override
  public void run() {
    Table table = new Table("topic", "partitions", "replicas", "offsets");
    try (Cluster cluster = clusterOptions.connect()) {
      for (String name : cluster.topicNames().stream().filter(TopicCatalogue::isPabals).toList()) {
        var partitions = cluster.describe(name).partitions();
        List<Span> spans =
            new PositionRange(new Position.Start(), new Position.End())
                .resolve(cluster, name, Clock.systemUTC());
        table.row(
            name,
            partitions.size(),
            partitions.stream().mapToInt(each -> each.replicas().size()).min().orElse(0),
            spans.stream().mapToLong(Span::offsets).sum());
      }
    }
    output.print(table);
  }
}
