// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import io.pabal.command.NotFoundException;
import io.pabal.command.cluster.Cluster;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The use of Kafka that the recovery commands share, besides reading. */
final class TopicQueries {

  private TopicQueries() {}

  /** Kafka's id of the topic {@code messages}. Timelines in Redis are marked with this id. */
  static String messagesId(Cluster kafka) {
    return kafka.describe(TopicCatalogue.MESSAGES).topicId().toString();
  }

  /** Prints one line when records of the topic {@code messages} were skipped as invalid. */
  static void noteSkipped(PrintWriter err, long records) {
    if (records > 0) {
      err.printf(
          "pabal: %d records of messages are no messages, or are in another partition than their"
              + " address; they were passed over, as the timeline writer does. See them: pabal tail"
              + " messages%n",
          records);
    }
  }

  static void requireConnector(Cluster kafka, String connectorId) {
    String topic = TopicCatalogue.deliveriesTopic(connectorId);
    if (!kafka.topicNames().contains(topic)) {
      String known =
          kafka.topicNames().stream()
              .filter(name -> name.startsWith(TopicCatalogue.DELIVERIES_PREFIX))
              .map(TopicCatalogue::connectorIdOf)
              .collect(Collectors.joining(", "));
      throw new NotFoundException(
          "connector %s: does not exist (expected: one of %s)."
              .formatted(connectorId, known.isEmpty() ? "none, Pabal has not run here" : known));
    }
  }

  static Producer<byte[], byte[]> newProducer(Cluster kafka) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers(),
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.LINGER_MS_CONFIG, 5,
            ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }
}
