// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.pabal.connector.control.Registration;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prepares the topics that a connector needs before it starts. Its methods block. */
final class TopicPreparation {

  private static final Logger log = LoggerFactory.getLogger(TopicPreparation.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int METADATA_MILLIS_MAX = 10_000;

  /** How long a broker may keep a fetch that finds nothing; a record ends it at once. */
  private static final int FETCH_WAIT_MAX_MILLIS = 2_000;

  private TopicPreparation() {}

  /** Creates the topics that are missing: the shared topics and this connector's own topic. */
  static void ensure(ConnectorConfig config, Codecs codecs)
      throws InterruptedException, TimeoutException {
    var kafka = config.kafka();
    Topic own = TopicCatalogue.deliveries(config.id(), kafka.deliveryPartitions());
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.bootstrapServers(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) TIMEOUT.toMillis()))) {
      FixedPartitions.ensure(
          admin,
          Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()),
          kafka.topics(),
          kafka.replicationFactor(),
          codecs.connectorState());
      int found =
          Objects.requireNonNull(
                  TopicSetup.create(admin, List.of(own), kafka.replicationFactor()).get(own.name()))
              .partitions()
              .size();
      if (found != own.partitions()) {
        // Not an error: routers send an address to the same partition for as long as they run, and
        // the connector reads all partitions of the topic.
        log.warn(
            "topic {}: {} partitions, topics.deliveryPartitions: {}: what is there is used",
            own.name(),
            found,
            own.partitions());
      }
      DeliveriesLimit.ensure(admin, TopicCatalogue.deliveriesTopic(config.id()));
    }
  }

  /**
   * A consumer of the deliveries topic and of {@code connectors}, with all partitions assigned and
   * positioned at their ends. It never resets a position by itself, because a reset would skip
   * deliveries silently.
   */
  static KafkaConsumer<byte[], byte[]> consumerAtEnd(
      String bootstrapServers, String deliveriesTopic) {
    var consumer =
        new KafkaConsumer<>(
            consumerSettings(bootstrapServers, deliveriesTopic),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    try {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer
          .partitionsFor(deliveriesTopic, TIMEOUT)
          .forEach(each -> partitions.add(new TopicPartition(each.topic(), each.partition())));
      partitions.add(Registration.PARTITION);
      consumer.assign(partitions);
      consumer.endOffsets(partitions, TIMEOUT).forEach(consumer::seek);
      return consumer;
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  static Map<String, Object> consumerSettings(String bootstrapServers, String deliveriesTopic) {
    return Map.of(
        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
        bootstrapServers,
        ConsumerConfig.CLIENT_ID_CONFIG,
        deliveriesTopic,
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
        false,
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        "none",
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        2_000,
        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
        1,
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        FETCH_WAIT_MAX_MILLIS,
        // Partitions that are added are noticed this late at most: nobody reads them until then.
        ConsumerConfig.METADATA_MAX_AGE_CONFIG,
        METADATA_MILLIS_MAX,
        // With Kafka's default of 64 KiB the kernel drops bursts, and TCP sends them again only
        // after 200 ms.
        ConsumerConfig.RECEIVE_BUFFER_CONFIG,
        Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
