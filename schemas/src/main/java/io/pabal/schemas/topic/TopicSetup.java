// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.NullMarked;

/**
 * Creates the catalogue's topics where they are missing, sets existing ones to the broker's
 * timestamps, and refuses topics with another number of partitions. Blocks.
 */
@NullMarked
public final class TopicSetup {

  private static final long VISIBLE_TIMEOUT_MILLIS = 30_000;
  private static final long VISIBLE_POLL_MILLIS = 20;

  private TopicSetup() {}

  /**
   * Makes sure that every topic of {@code topics} exists with its number of partitions, is known to
   * the brokers and gets the broker's timestamps.
   *
   * @param replicationFactor for topics that are created now; -1 takes the broker's default
   * @throws TopicMismatchException when a topic exists with another number of partitions, or when
   *     Kafka refuses to set a topic to the broker's timestamps
   * @throws TimeoutException when Kafka does not answer, or a new topic is not visible within 30 s
   */
  public static void ensure(Admin admin, List<Topic> topics, short replicationFactor)
      throws InterruptedException, TimeoutException {
    Map<String, TopicDescription> found = create(admin, topics, replicationFactor);
    topics.forEach(topic -> check(topic, Objects.requireNonNull(found.get(topic.name()))));
  }

  /**
   * Makes sure that every topic of {@code topics} exists with any number of partitions, is known to
   * the brokers and gets the broker's timestamps.
   *
   * @param replicationFactor for topics that are created now; -1 takes the broker's default
   * @return the topics by name
   * @throws TopicMismatchException when Kafka refuses to set a topic to the broker's timestamps
   * @throws TimeoutException when Kafka does not answer, or a new topic is not visible within 30 s
   */
  public static Map<String, TopicDescription> create(
      Admin admin, List<Topic> topics, short replicationFactor)
      throws InterruptedException, TimeoutException {
    Map<String, KafkaFuture<Void>> created =
        admin
            .createTopics(
                topics.stream().map(topic -> topic.toNewTopic(replicationFactor)).toList())
            .values();
    for (KafkaFuture<Void> future : created.values()) {
      try {
        KafkaAnswer.get(future, VISIBLE_TIMEOUT_MILLIS);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw unexpected(e);
        }
      }
    }
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(VISIBLE_TIMEOUT_MILLIS);
    Map<String, TopicDescription> found = new HashMap<>();
    for (Topic topic : topics) {
      found.put(topic.name(), awaitVisible(admin, topic.name(), deadlineNanos));
    }
    TopicTimestamps.ensure(admin, topics.stream().map(Topic::name).toList());
    return found;
  }

  /** The names in {@code topics} that do not exist. */
  public static List<String> missing(Admin admin, Collection<String> topics)
      throws InterruptedException, TimeoutException {
    List<String> missing = new ArrayList<>();
    for (var entry : admin.describeTopics(topics).topicNameValues().entrySet()) {
      try {
        KafkaAnswer.get(entry.getValue(), VISIBLE_TIMEOUT_MILLIS);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw unexpected(e);
        }
        missing.add(entry.getKey());
      }
    }
    return missing;
  }

  private static TopicDescription awaitVisible(Admin admin, String name, long deadlineNanos)
      throws InterruptedException, TimeoutException {
    while (true) {
      try {
        return Objects.requireNonNull(
            KafkaAnswer.get(
                    admin.describeTopics(List.of(name)).allTopicNames(), VISIBLE_TIMEOUT_MILLIS)
                .get(name));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw unexpected(e);
        }
        if (System.nanoTime() > deadlineNanos) {
          throw new TimeoutException(
              "topic " + name + " was created but is not visible to clients yet");
        }
        Thread.sleep(VISIBLE_POLL_MILLIS);
      }
    }
  }

  private static void check(Topic expected, TopicDescription found) {
    if (found.partitions().size() != expected.partitions()) {
      throw new TopicMismatchException(
          "topic %s: %d partitions (expected: %d). Create it with that number, or let a role of Pabal create it."
              .formatted(expected.name(), found.partitions().size(), expected.partitions()));
    }
  }

  private static IllegalStateException unexpected(ExecutionException e) {
    return new IllegalStateException("Kafka refused: " + e.getCause(), e.getCause());
  }
}
