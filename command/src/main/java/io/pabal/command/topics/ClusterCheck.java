// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

import io.pabal.command.cluster.Cluster;
import io.pabal.command.connectors.ConnectorDirectory;
import io.pabal.command.connectors.ConnectorEntry;
import io.pabal.command.topics.Finding.Verdict;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/** Checks every topic that should exist, and the settings of every broker. */
final class ClusterCheck {

  private static final String AUTO_CREATE = "auto.create.topics.enable";
  private static final String OFFSETS_REPLICAS = "offsets.topic.replication.factor";
  private static final int OFFSETS_REPLICAS_MIN = 3;

  private final Cluster cluster;
  private final AvroCodec<ConnectorState> codec;
  private final TopicCatalogue catalogue;
  private final boolean catalogueConfigured;
  private final boolean prefixLevelsConfigured;
  private final Consumer<String> notes;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * A check.
   *
   * @param codec the codec of the connectors' own states
   * @param catalogue the topics with the settings that they should have
   * @param catalogueConfigured whether the number of partitions comes from a configuration
   * @param prefixLevelsConfigured whether the prefix levels come from a configuration
   */
  ClusterCheck(
      Cluster cluster,
      AvroCodec<ConnectorState> codec,
      TopicCatalogue catalogue,
      boolean catalogueConfigured,
      boolean prefixLevelsConfigured,
      Consumer<String> notes) {
    this.cluster = cluster;
    this.codec = codec;
    this.catalogue = catalogue;
    this.catalogueConfigured = catalogueConfigured;
    this.prefixLevelsConfigured = prefixLevelsConfigured;
    this.notes = notes;
  }

  List<Finding> run() {
    Collection<Node> nodes = cluster.get(cluster.admin().describeCluster().nodes());
    Set<String> names = cluster.topicNames();
    for (Topic topic : catalogue.shared()) {
      if (names.contains(topic.name())) {
        boolean fixed = topic.partitions() == 1 || catalogueConfigured;
        check(topic, fixed, nodes.size());
      } else {
        findings.add(missing(topic.name(), Verdict.FAIL));
      }
    }
    samePartitions();
    if (names.contains(TopicCatalogue.CONNECTORS)) {
      new ConnectorDirectory(cluster, codec, notes)
          .list()
          .forEach(entry -> checkConnector(entry, nodes.size()));
    }
    nodes.forEach(node -> checkBroker(node, nodes.size()));
    return findings;
  }

  private void check(Topic topic, boolean partitionsKnown, int brokers) {
    TopicDescription found = cluster.describe(topic.name());
    Config config = config(ConfigResource.Type.TOPIC, topic.name());
    findings.addAll(new TopicCheck(topic, found, config, partitionsKnown, brokers).run());
  }

  private static Finding missing(String topic, Verdict verdict) {
    return Finding.of(
        false,
        verdict,
        topic,
        "exists",
        "no",
        "yes",
        "Start a connector or the timeline writer: they create what is missing.");
  }

  private void samePartitions() {
    FixedPartitions partitions = cluster.fixedPartitions();
    OptionalInt original = partitions.original();
    if (original.isEmpty()) {
      return;
    }
    String problem = partitions.problem(Optional.empty());
    findings.add(
        Finding.of(
            problem.isEmpty(),
            Verdict.FAIL,
            TopicCatalogue.MESSAGES,
            "partitions as at first",
            problem.isEmpty() ? "yes" : "no",
            Integer.toString(original.getAsInt()),
            problem));
    findings.addAll(
        new FeedsCheck(
                cluster,
                partitions,
                prefixLevelsConfigured
                    ? OptionalInt.of(catalogue.prefixLevels())
                    : OptionalInt.empty())
            .run());
  }

  private void checkConnector(ConnectorEntry entry, int brokers) {
    if (entry.unreadable() != null) {
      findings.add(
          Finding.of(
              false,
              Verdict.WARN,
              TopicCatalogue.CONNECTORS,
              "entry of " + entry.id(),
              "unreadable",
              "readable",
              "Say where the schema registry is: " + entry.unreadable()));
    }
    String name = TopicCatalogue.deliveriesTopic(entry.id());
    if (!entry.hasTopic()) {
      findings.add(
          Finding.of(
              false,
              entry.claimsToRun() ? Verdict.FAIL : Verdict.WARN,
              name,
              "exists",
              "no",
              "yes",
              entry.claimsToRun()
                  ? "Start connector %s again: it creates its topic.".formatted(entry.id())
                  : "It is created when connector %s starts. If it does not come back: pabal connectors remove %1$s --force"
                      .formatted(entry.id())));
      return;
    }
    if (entry.state() == null) {
      findings.add(
          Finding.of(
              false,
              Verdict.WARN,
              name,
              "connector",
              "not registered",
              "registered in connectors",
              "pabal connectors remove %s --force".formatted(entry.id())));
    }
    check(TopicCatalogue.deliveries(entry.id(), 1), false, brokers);
  }

  private void checkBroker(Node node, int brokers) {
    Config config = config(ConfigResource.Type.BROKER, node.idString());
    String subject = "broker " + node.idString();
    findings.add(
        Finding.of(
            value(config, AUTO_CREATE).equals("false"),
            Verdict.FAIL,
            subject,
            AUTO_CREATE,
            value(config, AUTO_CREATE),
            "false",
            "A producer that asks for a deleted topic would create it anew. Set it in"
                + " server.properties and restart the broker."));
    findings.add(
        Finding.of(
            Integer.parseInt(value(config, OFFSETS_REPLICAS)) >= OFFSETS_REPLICAS_MIN,
            Verdict.WARN,
            subject,
            OFFSETS_REPLICAS,
            value(config, OFFSETS_REPLICAS),
            OFFSETS_REPLICAS_MIN + " or more",
            "A router that loses its committed positions routes again what messages still hold."));
    if (brokers > 1) {
      findings.add(
          Finding.of(
              node.hasRack(),
              Verdict.WARN,
              subject,
              "broker.rack",
              node.hasRack() ? node.rack() : "not set",
              "set",
              "Two copies in one rack die together."));
    }
  }

  private Config config(ConfigResource.Type type, String name) {
    var resource = new ConfigResource(type, name);
    Map<ConfigResource, Config> found =
        cluster.get(cluster.admin().describeConfigs(List.of(resource)).all());
    return Objects.requireNonNull(found.get(resource));
  }

  private static String value(Config config, String name) {
    return Objects.requireNonNull(config.get(name), name).value();
  }
}
