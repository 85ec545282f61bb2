// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.partitions;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The record in {@code connectors} of the number of partitions and the prefix levels that {@code
 * messages} was created with. {@code connectors} is compacted, and thus keeps the record.
 *
 * <p>The record's key is {@value #KEY}, which cannot be a connector id. Its header {@value #HEADER}
 * has Kafka's id of the topic and the two numbers, as text. Its value is the state of a connector
 * that is down, so that every reader of the topic can decode it.
 *
 * @param topicId Kafka's id of {@code messages}; a topic that is deleted and created anew has
 *     another id
 * @param feeds the number of partitions at its creation, and the prefix levels
 */
record PartitionsEntry(String topicId, Feeds feeds) {

  static final String KEY = "#messages";

  static final String HEADER = "partitions";

  private static final byte[] KEY_BYTES = KEY.getBytes(UTF_8);
  private static final TopicPartition PLACE = new TopicPartition(TopicCatalogue.CONNECTORS, 0);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL_MAX = Duration.ofMillis(200);

  /**
   * Reads the newest entry; null when there is none. Blocks.
   *
   * @param clients settings of every client of this cluster
   * @throws TimeoutException when the topic cannot be read to its end within 30 s
   */
  static @Nullable PartitionsEntry read(Map<String, Object> clients) throws TimeoutException {
    Map<String, Object> settings = new HashMap<>(clients);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(PLACE));
      consumer.seekToBeginning(List.of(PLACE));
      long end = consumer.endOffsets(List.of(PLACE), TIMEOUT).getOrDefault(PLACE, 0L);
      long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
      PartitionsEntry newest = null;
      while (consumer.position(PLACE, TIMEOUT) < end) {
        if (System.nanoTime() - deadlineNanos > 0) {
          throw new TimeoutException("topic connectors could not be read to its end in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_MAX)) {
          if (Arrays.equals(record.key(), KEY_BYTES)) {
            PartitionsEntry read = parse(record);
            newest = read == null ? newest : read;
          }
        }
      }
      return newest;
    }
  }

  /**
   * Writes the entry, and waits until all in-sync replicas have it.
   *
   * @throws TimeoutException when they do not have it within 30 s
   */
  void write(Map<String, Object> clients, AvroCodec<ConnectorState> codec)
      throws InterruptedException, TimeoutException {
    Map<String, Object> settings = new HashMap<>(clients);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    var value = new ConnectorState(0L, ConnectorStatus.DOWN, "", 0, Instant.now());
    var text = topicId + " " + feeds.partitions() + " " + feeds.prefixLevels();
    var headers = new RecordHeaders().add(HEADER, text.getBytes(UTF_8));
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      var _ =
          producer
              .send(
                  new ProducerRecord<>(
                      PLACE.topic(), PLACE.partition(), KEY_BYTES, codec.encode(value), headers))
              .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka refused: " + e.getCause(), e.getCause());
    }
  }

  /** The entry in a record; null when its header is missing or malformed: others wrote it. */
  static @Nullable PartitionsEntry parse(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(HEADER);
    if (header == null || header.value() == null) {
      return null;
    }
    String[] parts = new String(header.value(), UTF_8).split(" ", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      return new PartitionsEntry(
          parts[0], new Feeds(Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
