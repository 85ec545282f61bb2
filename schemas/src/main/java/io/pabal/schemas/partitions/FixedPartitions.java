// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.partitions;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.KafkaAnswer;
import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicMismatchException;
import io.pabal.schemas.topic.TopicSetup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses topics whose number of partitions is not the one that {@code messages} was created with,
 * and a configuration with another number or with other prefix levels.
 *
 * <p>The partition of an address follows from its prefix and the number of partitions ({@link
 * Feeds}). With another number, or other prefix levels, an address moves to another partition. Its
 * location would then not be in the partition of its messages, cursors would name offsets of the
 * old partition, and messages would be lost without an error. Kafka lets anybody add partitions to
 * a topic that is in use, and cannot remove partitions. So both numbers are recorded when {@code
 * messages} is new (see {@link PartitionsEntry}). A topic that has grown is thus recognised even if
 * {@code topics.partitions} was changed along with it.
 *
 * <p>A cluster of an earlier release has no entry. There the topic with the fewest partitions gives
 * the number, since all topics were created with the same number; prefix levels are not checked.
 * Calls that take an {@link Admin} block.
 */
public final class FixedPartitions {

  /** The topics that have as many partitions as {@code messages}. */
  private static final List<String> TOPICS =
      List.of(
          TopicCatalogue.MESSAGES,
          TopicCatalogue.LOCATIONS,
          TopicCatalogue.SESSIONS,
          TopicCatalogue.UNROUTED);

  private static final long TIMEOUT_MILLIS = 30_000;

  private final Map<String, TopicDescription> found;
  private final @Nullable PartitionsEntry entry;

  private FixedPartitions(Map<String, TopicDescription> found, @Nullable PartitionsEntry entry) {
    this.found = found;
    this.entry = isOf(found.get(TopicCatalogue.MESSAGES), entry) ? entry : null;
  }

  /**
   * Creates the missing shared topics, checks the number of partitions of all topics, and records
   * the number if it is not recorded yet.
   *
   * @param clients settings of every client of this cluster
   * @param replicationFactor for topics that are created now; -1 takes the broker's default
   * @param codec encodes the entry
   * @throws TopicMismatchException when a topic has another number of partitions
   * @throws TimeoutException when Kafka does not answer in time
   */
  public static void ensure(
      Admin admin,
      Map<String, Object> clients,
      TopicCatalogue catalogue,
      short replicationFactor,
      AvroCodec<ConnectorState> codec)
      throws InterruptedException, TimeoutException {
    TopicSetup.create(admin, catalogue.shared(), replicationFactor);
    FixedPartitions present = read(admin, clients);
    present.check(Optional.of(catalogue.feeds()));
    if (present.entry == null) {
      TopicDescription messages =
          Objects.requireNonNull(present.found.get(TopicCatalogue.MESSAGES));
      new PartitionsEntry(messages.topicId().toString(), catalogue.feeds()).write(clients, codec);
    }
  }

  /**
   * Creates missing topics and checks the number of partitions of all topics. The number is not
   * recorded, since the caller has no codec.
   *
   * @param clients settings of every client of this cluster
   * @param topics the topics of the catalogue that are created where they are missing
   * @param replicationFactor for topics that are created now; -1 takes the broker's default
   * @throws TopicMismatchException when a topic has another number of partitions
   * @throws TimeoutException when Kafka does not answer in time
   */
  public static void ensure(
      Admin admin,
      Map<String, Object> clients,
      TopicCatalogue catalogue,
      List<Topic> topics,
      short replicationFactor)
      throws InterruptedException, TimeoutException {
    TopicSetup.create(admin, topics, replicationFactor);
    read(admin, clients).check(Optional.of(catalogue.feeds()));
  }

  /** Whether a key of {@code connectors} is that of the recorded number, and no connector id. */
  public static boolean isEntry(String key) {
    return key.equals(PartitionsEntry.KEY);
  }

  /** Reads the topics and the recorded number. The topic {@code connectors} may be missing. */
  public static FixedPartitions read(Admin admin, Map<String, Object> clients)
      throws InterruptedException, TimeoutException {
    Map<String, TopicDescription> found = describe(admin);
    boolean hasConnectors = TopicSetup.missing(admin, List.of(TopicCatalogue.CONNECTORS)).isEmpty();
    return new FixedPartitions(found, hasConnectors ? PartitionsEntry.read(clients) : null);
  }

  /** Reads the topics, and takes {@code feeds}, read before, for the recorded numbers. */
  static FixedPartitions readExpecting(Admin admin, Feeds feeds)
      throws InterruptedException, TimeoutException {
    Map<String, TopicDescription> found = describe(admin);
    TopicDescription messages = found.get(TopicCatalogue.MESSAGES);
    return new FixedPartitions(
        found, messages == null ? null : new PartitionsEntry(messages.topicId().toString(), feeds));
  }

  /** The number that {@code messages} was created with; empty when the topic does not exist. */
  public OptionalInt original() {
    if (entry != null) {
      return OptionalInt.of(entry.feeds().partitions());
    }
    return found.containsKey(TopicCatalogue.MESSAGES)
        ? found.values().stream().mapToInt(each -> each.partitions().size()).min()
        : OptionalInt.empty();
  }

  /** The prefix levels that {@code messages} was created with; empty when they are not recorded. */
  public OptionalInt prefixLevels() {
    return entry == null ? OptionalInt.empty() : OptionalInt.of(entry.feeds().prefixLevels());
  }

  /**
   * Refuses topics that do not have the original number of partitions, and a configuration with
   * another number or other prefix levels.
   *
   * @param configured {@code topics.partitions} and {@code topics.prefixLevels}; empty when they
   *     need not be checked
   * @throws TopicMismatchException with the topic, the reason and the remedy
   */
  public void check(Optional<Feeds> configured) {
    String problem = problem(configured);
    if (!problem.isEmpty()) {
      throw new TopicMismatchException(problem);
    }
  }

  /** The problem that {@link #check} refuses, with its remedy; empty when there is none. */
  public String problem(Optional<Feeds> configured) {
    OptionalInt original = original();
    if (original.isEmpty()) {
      return "";
    }
    for (String topic : TOPICS) {
      TopicDescription description = found.get(topic);
      int count = description == null ? original.getAsInt() : description.partitions().size();
      if (count != original.getAsInt()) {
        return PartitionsAdvice.grown(topic, count, original.getAsInt());
      }
    }
    if (configured.isEmpty()) {
      return "";
    }
    Feeds feeds = configured.get();
    if (feeds.partitions() != original.getAsInt()) {
      return PartitionsAdvice.configured(
          original.getAsInt(), feeds.partitions(), /* certain= */ entry != null);
    }
    int levels = prefixLevels().orElse(feeds.prefixLevels());
    return levels == feeds.prefixLevels()
        ? ""
        : PartitionsAdvice.prefixLevels(levels, feeds.prefixLevels());
  }

  private static boolean isOf(
      @Nullable TopicDescription messages, @Nullable PartitionsEntry entry) {
    return messages != null
        && entry != null
        && entry.topicId().equals(messages.topicId().toString());
  }

  private static Map<String, TopicDescription> describe(Admin admin)
      throws InterruptedException, TimeoutException {
    Map<String, TopicDescription> found = new LinkedHashMap<>();
    Map<String, KafkaFuture<TopicDescription>> asked =
        admin.describeTopics(TOPICS).topicNameValues();
    for (String topic : TOPICS) {
      try {
        found.put(topic, KafkaAnswer.get(Objects.requireNonNull(asked.get(topic)), TIMEOUT_MILLIS));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw new IllegalStateException("Kafka refused: " + e.getCause(), e.getCause());
        }
      }
    }
    return found;
  }
}
