// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * This connector's entry in the {@code connectors} topic. A new incarnation number invalidates all
 * rows that earlier incarnations left in the location table, without a tombstone for each row.
 */
public final class Registration implements AutoCloseable {

  /** Receives the records of the other connectors. */
  public interface Others {
    /**
     * A record of the topic about another connector.
     *
     * @param value null for a tombstone
     * @throws MalformedRecordException when it cannot be decoded
     */
    void connectorChanged(String connectorId, byte @Nullable [] value);
  }

  /** The one partition of {@code connectors}. */
  public static final TopicPartition PARTITION = new TopicPartition(TopicCatalogue.CONNECTORS, 0);

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final String connectorId;
  private final long incarnation;
  private final AvroCodec<ConnectorState> codec;
  private final KafkaProducer<byte[], byte[]> producer;

  /** The last record of this connector whose schema was not known yet; null: none. */
  private byte @Nullable [] undecided;

  private Registration(
      String connectorId,
      long incarnation,
      AvroCodec<ConnectorState> codec,
      KafkaProducer<byte[], byte[]> producer) {
    this.connectorId = connectorId;
    this.incarnation = incarnation;
    this.codec = codec;
    this.producer = producer;
  }

  /**
   * Takes the next incarnation number of {@code connectorId}, after reading the topic to its end.
   * Blocks.
   *
   * @param others receives each record of another connector
   * @param skipped receives each record that cannot be decoded
   * @throws IllegalStateException when the topic cannot be read to its end within 30 s
   */
  public static Registration next(
      String connectorId,
      String bootstrapServers,
      Codecs codecs,
      Others others,
      SkippedRecords skipped) {
    AvroCodec<ConnectorState> codec = codecs.connectorState();
    // Not below the clock: a connector that was removed and started again must not begin below its
    // earlier incarnations.
    long incarnation =
        Math.max(
            lastIncarnation(connectorId, bootstrapServers, codec, others, skipped) + 1,
            BrokerTime.millis());
    Map<String, Object> settings = ControlWriter.settings(bootstrapServers);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "registration");
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) TIMEOUT.toMillis());
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis() / 2);
    return new Registration(
        connectorId,
        incarnation,
        codec,
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  /** The incarnation number that was taken. */
  public long incarnation() {
    return incarnation;
  }

  /**
   * Writes a status and waits until Kafka has it.
   *
   * @throws TimeoutException when Kafka does not have it within 30 s
   * @throws IllegalStateException when it cannot be written
   */
  public void write(ConnectorStatus status, String host, int port)
      throws InterruptedException, TimeoutException {
    ConnectorState state = new ConnectorState(incarnation, status, host, port, BrokerTime.now());
    var record =
        new ProducerRecord<>(
            TopicCatalogue.CONNECTORS,
            PARTITION.partition(),
            connectorId.getBytes(StandardCharsets.UTF_8),
            codec.encode(state));
    try {
      producer.send(record).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "connector " + connectorId + ": status " + status + " not written: " + e.getCause(), e);
    }
  }

  /**
   * Whether a record of {@code connectors} ends this incarnation. Never blocks: a record of this
   * connector whose schema is being looked up is decoded by a later {@link #recheck}. One thread at
   * a time.
   *
   * @param value null for a tombstone
   * @return why the record ends this incarnation, or null when it does not
   * @throws MalformedRecordException when the value cannot be decoded
   */
  public @Nullable String endedBy(String id, byte @Nullable [] value) {
    if (!id.equals(connectorId)) {
      return null;
    }
    if (value == null) {
      return "connector "
          + connectorId
          + " was removed from the cluster. Start it again if it is to come back.";
    }
    undecided = value;
    return recheck();
  }

  /**
   * Tries again to decode a record of this connector whose schema was not known yet. Never blocks.
   * One thread at a time.
   *
   * @return why the record ends this incarnation, or null when it does not
   * @throws MalformedRecordException when the value cannot be decoded
   */
  public @Nullable String recheck() {
    byte[] value = undecided;
    if (value == null) {
      return null;
    }
    ConnectorState state;
    try {
      state = codec.decode(value);
    } catch (SchemaPendingException e) {
      return null;
    } catch (MalformedRecordException e) {
      undecided = null;
      throw e;
    }
    undecided = null;
    return state.getIncarnation() <= incarnation
        ? null
        : "connector id %s was taken by another process (incarnation %d, this one is %d). Give each connector its own connector.id."
            .formatted(connectorId, state.getIncarnation(), incarnation);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }

  private static long lastIncarnation(
      String connectorId,
      String bootstrapServers,
      AvroCodec<ConnectorState> codec,
      Others others,
      SkippedRecords skipped) {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.CLIENT_ID_CONFIG,
            "registration");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = consumer.endOffsets(List.of(PARTITION), TIMEOUT).getOrDefault(PARTITION, 0L);
      long last = 0;
      long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
      while (consumer.position(PARTITION, TIMEOUT) < end) {
        if (System.nanoTime() > deadlineNanos) {
          throw new IllegalStateException(
              "topic connectors could not be read to its end within " + TIMEOUT);
        }
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          last = Math.max(last, incarnationIn(record, connectorId, codec, others, skipped));
        }
      }
      return last;
    }
  }

  private static long incarnationIn(
      ConsumerRecord<byte[], byte[]> record,
      String connectorId,
      AvroCodec<ConnectorState> codec,
      Others others,
      SkippedRecords skipped) {
    try {
      if (record.key() == null) {
        throw new MalformedRecordException("connectors: a record without a key");
      }
      String id = new String(record.key(), StandardCharsets.UTF_8);
      if (!id.equals(connectorId)) {
        others.connectorChanged(id, record.value());
        return 0;
      }
      return record.value() == null ? 0 : codec.decodeAwaiting(record.value()).getIncarnation();
    } catch (MalformedRecordException | SchemaPendingException e) {
      // A record whose schema the registry does not return in time must not keep this connector
      // from starting. Its incarnation number is not below the clock.
      skipped.add(record.topic(), record.partition(), record.offset(), e.getMessage());
      return 0;
    }
  }
}
