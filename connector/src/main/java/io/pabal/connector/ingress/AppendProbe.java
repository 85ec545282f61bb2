// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.KafkaProblem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Asks the brokers whether {@code messages} would accept a message. Used in times in which no
 * client publishes. A probe does not append a message, because that message would be in the system
 * of record for every reader. Instead it checks all that a produce request depends on: a leader,
 * enough replicas in sync, and the right to write.
 *
 * <p>Blocks: asks two questions, each with a request time-out of {@value #ANSWER_MILLIS_MAX} ms,
 * and waits at most twice as long for each answer. Used by one thread at a time.
 */
final class AppendProbe implements AppendHealth.Probe {

  private static final int ANSWER_MILLIS_MAX = 5_000;
  private static final ConfigResource MESSAGES =
      new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.MESSAGES);

  private final Admin admin;

  AppendProbe(String bootstrapServers) {
    admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "append-probe",
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                ANSWER_MILLIS_MAX,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                ANSWER_MILLIS_MAX));
  }

  /** Why no partition accepts a message; empty while at least one partition does. */
  @Override
  public Optional<String> problem() throws InterruptedException {
    try {
      TopicDescription topic =
          Objects.requireNonNull(
              admin
                  .describeTopics(
                      List.of(TopicCatalogue.MESSAGES),
                      new DescribeTopicsOptions().includeAuthorizedOperations(true))
                  .allTopicNames()
                  .get(2 * ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS)
                  .get(TopicCatalogue.MESSAGES));
      Set<AclOperation> allowed = topic.authorizedOperations();
      if (allowed != null && !allowed.isEmpty() && !allowed.contains(AclOperation.WRITE)) {
        return Optional.of("this user may not write to messages. Give it the right (kafka-acls).");
      }
      return firstProblem(topic.partitions(), replicasMin());
    } catch (ExecutionException e) {
      return Optional.of(KafkaProblem.describe(e));
    } catch (TimeoutException e) {
      return Optional.of("Kafka does not answer. See whether the brokers run and can be reached.");
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }

  /** Why the first partition accepts no message; empty when at least one partition does. */
  static Optional<String> firstProblem(List<TopicPartitionInfo> partitions, int replicasMin) {
    List<Optional<String>> problems =
        partitions.stream().map(each -> problem(each, replicasMin)).toList();
    return problems.stream().allMatch(Optional::isPresent)
        ? problems.getFirst().map("no partition of messages takes anything, the first: "::concat)
        : Optional.empty();
  }

  private static Optional<String> problem(TopicPartitionInfo partition, int replicasMin) {
    if (partition.leader() == null || partition.leader().isEmpty()) {
      return Optional.of("it has no leader. Start the brokers that are missing.");
    }
    // A broker requires no more replicas in sync than the partition has.
    int needed = Math.min(replicasMin, partition.replicas().size());
    return partition.isr().size() < needed
        ? Optional.of(
            "%d of its %d replicas in sync (expected: %d, min.insync.replicas). Start the brokers that are missing."
                .formatted(partition.isr().size(), partition.replicas().size(), needed))
        : Optional.empty();
  }

  /**
   * The topic's {@code min.insync.replicas}; 1 when this user may not read it: then appends show
   * whether too few replicas are in sync.
   */
  private int replicasMin() throws InterruptedException, TimeoutException {
    try {
      return Integer.parseInt(
          Objects.requireNonNull(
                  admin
                      .describeConfigs(List.of(MESSAGES))
                      .all()
                      .get(2 * ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS)
                      .get(MESSAGES))
              .get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG)
              .value());
    } catch (ExecutionException e) {
      return 1;
    }
  }
}
