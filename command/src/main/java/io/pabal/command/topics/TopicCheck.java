// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

import io.pabal.command.topics.Finding.Verdict;
import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.Topic.Cleanup;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.TopicConfig;

/** Compares one existing topic with the catalogue and with the needs of the delivery guarantee. */
final class TopicCheck {

  /** Kafka's default for max.message.bytes. The router relies on this value for deliveries. */
  private static final long MESSAGE_BYTES_MIN = 1_048_588;

  private static final int REPLICAS_MIN = 3;
  private static final int IN_SYNC_MIN = 2;

  private final Topic expected;
  private final TopicDescription found;
  private final Config config;
  private final boolean partitionsKnown;
  private final Verdict unlessSingleBroker;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * A check of one topic.
   *
   * @param expected the topic's entry in the catalogue
   * @param partitionsKnown whether the catalogue's number of partitions is what was configured
   * @param brokers the number of brokers of the cluster; with a single broker, too few replicas are
   *     only a warning, because that cluster cannot have more
   */
  TopicCheck(
      Topic expected, TopicDescription found, Config config, boolean partitionsKnown, int brokers) {
    this.expected = expected;
    this.found = found;
    this.config = config;
    this.partitionsKnown = partitionsKnown;
    this.unlessSingleBroker = brokers == 1 ? Verdict.WARN : Verdict.FAIL;
  }

  List<Finding> run() {
    partitions();
    cleanup();
    retention();
    timestamps();
    replicas();
    leaders();
    unclean();
    messageBytes();
    return findings;
  }

  private void partitions() {
    int count = found.partitions().size();
    boolean good = !partitionsKnown || count == expected.partitions();
    add(
        good,
        Verdict.FAIL,
        "partitions",
        count,
        partitionsKnown ? Integer.toString(expected.partitions()) : "fixed for life",
        "Unless somebody has added partitions: set topics.partitions of every role to %d; the topic itself must stay as it is."
            .formatted(count));
  }

  private void cleanup() {
    String wanted =
        expected.cleanup() == Cleanup.COMPACT
            ? TopicConfig.CLEANUP_POLICY_COMPACT
            : TopicConfig.CLEANUP_POLICY_DELETE;
    String value = value(TopicConfig.CLEANUP_POLICY_CONFIG);
    add(
        value.equals(wanted),
        Verdict.FAIL,
        TopicConfig.CLEANUP_POLICY_CONFIG,
        value,
        wanted,
        alter(TopicConfig.CLEANUP_POLICY_CONFIG, wanted));
  }

  private void retention() {
    String name =
        expected.cleanup() == Cleanup.COMPACT
            ? TopicConfig.DELETE_RETENTION_MS_CONFIG
            : TopicConfig.RETENTION_MS_CONFIG;
    long millis = number(name);
    long wanted = expected.retention().toMillis();
    add(
        millis < 0 || millis >= wanted,
        Verdict.WARN,
        name,
        millis,
        wanted + " or more",
        alter(name, Long.toString(wanted)));
    if (expected.cleanup() == Cleanup.DELETE) {
      long bytes = number(TopicConfig.RETENTION_BYTES_CONFIG);
      add(
          bytes < 0,
          Verdict.WARN,
          TopicConfig.RETENTION_BYTES_CONFIG,
          bytes,
          "-1",
          "Records go earlier than after their retention when there are many. "
              + alter(TopicConfig.RETENTION_BYTES_CONFIG, "-1"));
    }
  }

  private void timestamps() {
    String value = value(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);
    add(
        value.equals(Topic.TIMESTAMP_TYPE),
        Verdict.FAIL,
        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
        value,
        Topic.TIMESTAMP_TYPE,
        "A producer whose clock is behind has its records deleted early. Start a role, which sets it, or: "
            + alter(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, Topic.TIMESTAMP_TYPE));
  }

  private void replicas() {
    int replicas =
        found.partitions().stream().mapToInt(each -> each.replicas().size()).min().orElse(0);
    add(
        replicas >= REPLICAS_MIN,
        unlessSingleBroker,
        "replication factor",
        replicas,
        REPLICAS_MIN + " or more",
        "One copy dies with its disk. Add replicas with kafka-reassign-partitions.sh.");
    long minInSync = number(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
    add(
        minInSync >= IN_SYNC_MIN,
        unlessSingleBroker,
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
        minInSync,
        Integer.toString(IN_SYNC_MIN),
        "An acknowledgement may mean a single copy. "
            + alter(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(IN_SYNC_MIN)));
    if (minInSync >= IN_SYNC_MIN) {
      add(
          minInSync < replicas,
          Verdict.WARN,
          TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
          minInSync,
          "less than the replication factor, " + replicas,
          "Nothing can be written while one broker is away. Add replicas.");
    }
  }

  private void leaders() {
    long without = found.partitions().stream().filter(each -> each.leader() == null).count();
    long behind =
        found.partitions().stream()
            .filter(each -> each.leader() != null && each.isr().size() < each.replicas().size())
            .count();
    add(
        without == 0,
        Verdict.FAIL,
        "partitions without a leader",
        without,
        "0",
        "Start the brokers that hold them: " + names(found.partitions()) + ".");
    add(
        behind == 0,
        Verdict.WARN,
        "partitions with replicas behind",
        behind,
        "0",
        "A broker is away or slow; wait, or see to it.");
  }

  private void unclean() {
    String value = value(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG);
    add(
        value.equals("false"),
        Verdict.FAIL,
        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
        value,
        "false",
        "What was acknowledged can be lost. "
            + alter(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false"));
  }

  private void messageBytes() {
    long bytes = number(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    boolean isDelivery = expected.name().startsWith(TopicCatalogue.DELIVERIES_PREFIX);
    add(
        bytes >= MESSAGE_BYTES_MIN,
        isDelivery ? Verdict.FAIL : Verdict.WARN,
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        bytes,
        MESSAGE_BYTES_MIN + " or more",
        alter(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.toString(MESSAGE_BYTES_MIN)));
  }

  private void add(
      boolean good, Verdict otherwise, String setting, Object value, String wanted, String action) {
    findings.add(Finding.of(good, otherwise, expected.name(), setting, value, wanted, action));
  }

  private String alter(String name, String value) {
    return "kafka-configs.sh --alter --topic %s --add-config %s=%s"
        .formatted(expected.name(), name, value);
  }

  private long number(String name) {
    return Long.parseLong(value(name));
  }

  private String value(String name) {
    return Objects.requireNonNull(config.get(name), name).value();
  }

  private static String names(List<TopicPartitionInfo> partitions) {
    return partitions.stream()
        .filter(each -> each.leader() == null)
        .flatMap(each -> each.replicas().stream())
        .map(node -> "broker " + node.id())
        .distinct()
        .sorted()
        .reduce((a, b) -> a + ", " + b)
        .orElse("none");
  }
}
