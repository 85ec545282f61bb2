// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.cluster;

import io.pabal.command.NotFoundException;
import io.pabal.command.UnreachableException;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster as operators' commands see it. Every call is answered within {@value
 * #ANSWER_MILLIS_MAX} ms or fails with an {@link UnreachableException} of one line. For one thread.
 */
public final class Cluster implements AutoCloseable {

  /**
   * How long an answer may take, in milliseconds. On an overloaded machine, a broker or this
   * process itself may need that long.
   */
  public static final int ANSWER_MILLIS_MAX = 30_000;

  /** The additional wait, in milliseconds, for Kafka's client to report the timeout itself. */
  private static final int GRACE_MILLIS = 2_000;

  private final String bootstrapServers;
  private final Admin admin;

  private Cluster(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
    try {
      this.admin = Admin.create(clientConfig());
    } catch (KafkaException e) {
      throw unreachable(e);
    }
  }

  /**
   * Connects to the cluster that {@code bootstrapServers} belong to.
   *
   * @throws UnreachableException when none of them answers
   */
  static Cluster connect(String bootstrapServers) {
    if (!Listening.anywhere(bootstrapServers)) {
      throw unreachable(bootstrapServers, Listening.MILLIS_MAX, null);
    }
    Cluster cluster = new Cluster(bootstrapServers);
    try {
      cluster.get(cluster.admin.describeCluster().nodes());
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** The bootstrap servers that were given to connect to the cluster. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** The client for queries and changes. This cluster closes it. */
  public Admin admin() {
    return admin;
  }

  /**
   * Returns a new consumer of raw records. The consumer belongs to no group, commits nothing,
   * creates no topics and has no default for the offset to start at. The caller closes it.
   */
  public Consumer<byte[], byte[]> newConsumer() {
    Map<String, Object> config = clientConfig();
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Writes one record and waits until all replicas in sync have it.
   *
   * @throws UnreachableException when the replicas take too long
   */
  public void send(ProducerRecord<byte[], byte[]> record) {
    Map<String, Object> config = clientConfig();
    config.remove(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS_MAX);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    try (var producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      await(producer.send(record));
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      throw unreachable(e);
    }
  }

  /**
   * Waits for an answer.
   *
   * @throws UnreachableException when no answer arrives in time
   * @throws KafkaException when the brokers refuse; the exception of Kafka's client, unchanged
   */
  public <T> T get(KafkaFuture<T> future) {
    return await(future);
  }

  private <T> T await(Future<T> future) {
    try {
      return future.get(ANSWER_MILLIS_MAX + GRACE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
        throw unreachable(e.getCause());
      }
      throw e.getCause() instanceof KafkaException refused
          ? refused
          : new KafkaException("Kafka refused: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for Kafka", e);
    }
  }

  /** The names of all topics except Kafka's internal ones, sorted. */
  public SortedSet<String> topicNames() {
    return new TreeSet<>(get(admin.listTopics().names()));
  }

  /**
   * Returns the brokers' description of a topic.
   *
   * @throws NotFoundException when no topic has that name; names the existing topics of Pabal
   */
  public TopicDescription describe(String topic) {
    try {
      return Objects.requireNonNull(
          get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
    } catch (UnknownTopicOrPartitionException
        | org.apache.kafka.common.errors.InvalidTopicException e) {
      throw new NotFoundException(
          "topic %s: does not exist (expected: one of %s).".formatted(topic, pabalTopics()));
    }
  }

  /**
   * The division of addresses into feeds: the number of partitions that the topic {@code messages}
   * was created with, and the recorded prefix levels. Before a connector has recorded these, the
   * default.
   *
   * @throws NotFoundException when there is no such topic
   * @throws io.pabal.schemas.topic.TopicMismatchException when partitions were added since then
   */
  public Feeds feeds() {
    describe(TopicCatalogue.MESSAGES);
    FixedPartitions partitions = fixedPartitions();
    partitions.check(Optional.empty());
    return new Feeds(
        partitions.original().orElseThrow(),
        partitions.prefixLevels().orElse(Feeds.PREFIX_LEVELS_DEFAULT));
  }

  /** The numbers that are fixed for life, as far as the cluster has recorded it. */
  public FixedPartitions fixedPartitions() {
    try {
      return FixedPartitions.read(admin, clientConfig());
    } catch (TimeoutException | org.apache.kafka.common.errors.TimeoutException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for Kafka", e);
    }
  }

  /** The exception, of one line, for a broker that stops answering during a consumer's call. */
  public UnreachableException unreachable(Throwable cause) {
    return unreachable(bootstrapServers, ANSWER_MILLIS_MAX, cause);
  }

  private static UnreachableException unreachable(
      String bootstrapServers, int millis, @Nullable Throwable cause) {
    return new UnreachableException(
        "kafka.bootstrapServers: %s does not answer within %d s (expected: a running broker). Start it, or say where it is by --bootstrap-servers or PABAL_KAFKA_BOOTSTRAP_SERVERS."
            .formatted(bootstrapServers, millis / 1000),
        cause);
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }

  private String pabalTopics() {
    List<String> known = topicNames().stream().filter(TopicCatalogue::isPabals).toList();
    return known.isEmpty() ? "none, Pabal has not run here" : String.join(", ", known);
  }

  private Map<String, Object> clientConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    config.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS_MAX);
    return config;
  }
}
