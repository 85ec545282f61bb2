// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.ConnectorConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes Kafka producers for {@code messages} that never block their caller. */
final class MessageProducer {

  static final int BATCH_BYTES = 64 * 1024;
  private static final int LINGER_MILLIS = 1;

  /**
   * Requests under way per broker. With idempotence Kafka allows five and promises order, but does
   * not keep the order for a producer that the partition's leader does not know yet, or no longer
   * knows. When such a leader refuses the first request, for instance because it was fenced for a
   * moment, and accepts the second, the messages of the first request are appended too late, or
   * never. With one request at a time, no request can overtake another.
   */
  private static final int IN_FLIGHT_MAX = 1;

  private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration METADATA_POLL = Duration.ofMillis(10);

  private MessageProducer() {}

  /**
   * Creates a producer that knows the partitions of {@code messages}. Blocks until it knows them.
   *
   * @param recordBytesMax bytes of the largest batch that {@code messages} accepts
   * @throws TimeoutException when Kafka does not answer within 30 s, or the thread is interrupted
   */
  static KafkaProducer<byte[], byte[]> create(ConnectorConfig.Kafka config, int recordBytesMax) {
    var producer =
        new KafkaProducer<>(
            settings(config, recordBytesMax), new ByteArraySerializer(), new ByteArraySerializer());
    long deadlineNanos = System.nanoTime() + METADATA_TIMEOUT.toNanos();
    while (true) {
      try {
        producer.partitionsFor(TopicCatalogue.MESSAGES);
        return producer;
      } catch (TimeoutException e) {
        // With max.block.ms=0 a call only requests the metadata; a later call finds it.
        if (System.nanoTime() > deadlineNanos || Thread.currentThread().isInterrupted()) {
          producer.close(Duration.ZERO);
          throw e;
        }
        LockSupport.parkNanos(METADATA_POLL.toNanos());
      }
    }
  }

  private static Map<String, Object> settings(ConnectorConfig.Kafka config, int recordBytesMax) {
    int appendTimeoutMillis = Math.toIntExact(config.appendTimeout().toMillis());
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "ingress");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    // A batch that is too large for the topic would be split and sent again.
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, Math.min(BATCH_BYTES, recordBytesMax));
    // Twice the bytes that may be on their way, because a batch may be half full. In addition one
    // batch for each batch that a partition has under way or begun, because a batch with a single
    // message takes as much memory as a full one.
    settings.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        2 * config.appendBytesMax()
            + (IN_FLIGHT_MAX + 1L) * config.topics().partitions() * BATCH_BYTES);
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, IN_FLIGHT_MAX);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, appendTimeoutMillis);
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        Math.min(30_000, appendTimeoutMillis - LINGER_MILLIS));
    settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Long.MAX_VALUE / 4);
    // When no broker answers, Kafka's default strategy forgets the metadata, and every send would
    // fail at once. With NONE the metadata is kept. If all brokers have moved, the appends time
    // out, and the producer that replaces this one asks the bootstrap servers again.
    settings.put(
        CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, MetadataRecoveryStrategy.NONE.name);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
    return settings;
  }
}
