// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.SubscriptionState;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics that show what really happened, {@code messages} and {@code sessions}, from
 * their beginning to their current end. A malformed record is skipped and logged; it is not part of
 * the history.
 */
public final class TopicReader {

  private static final Duration POLL = Duration.ofMillis(500);

  private final String bootstrapServers;
  private final SkippedRecords skipped =
      new SkippedRecords(LoggerFactory.getLogger(TopicReader.class));

  /** Reads from the cluster at {@code bootstrapServers}. */
  public TopicReader(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /** Passes every record of {@code messages} and every gap in {@code sessions} to {@code sink}. */
  public void read(Consumer<Event> sink) {
    readAll(TopicCatalogue.MESSAGES, record -> sink.accept(appended(record)));
    readAll(
        TopicCatalogue.SESSIONS,
        record -> {
          SessionEvent event = Codecs.SESSION_EVENT.decode(record.value());
          if (event.getKind() == SessionEventKind.GAP) {
            sink.accept(gap(event));
          }
        });
  }

  /** The number of records skipped so far. */
  public long skipped() {
    return skipped.count();
  }

  private void readAll(String topic, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset()
              < Objects.requireNonNull(ends.get(new TopicPartition(topic, record.partition())))) {
            acceptOrSkip(record, action);
          }
        }
      }
    }
  }

  private void acceptOrSkip(
      ConsumerRecord<byte[], byte[]> record, Consumer<ConsumerRecord<byte[], byte[]>> action) {
    try {
      action.accept(record);
    } catch (MalformedRecordException e) {
      skipped.add(record.topic(), record.partition(), record.offset(), e.getMessage());
    }
  }

  private static Event.Appended appended(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      throw new MalformedRecordException("messages: a record without an address");
    }
    ByteBuffer payload = Codecs.MESSAGE.decode(record.value()).getPayload();
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return new Event.Appended(
        record.timestamp(),
        new MessagePosition(record.partition(), record.offset()),
        new String(record.key(), StandardCharsets.UTF_8),
        Packet.ofPayload(bytes));
  }

  private static Event.Gap gap(SessionEvent event) {
    if (event.getSubscriptions().isEmpty()
        || event.getGapFrom() == null
        || event.getGapThrough() == null) {
      throw new MalformedRecordException("sessions: a gap that does not say where it is");
    }
    SubscriptionState subscription = event.getSubscriptions().getFirst();
    return new Event.Gap(
        event.getAt().toEpochMilli(),
        event.getClientId(),
        subscription.getAddress(),
        subscription.getPartition(),
        Objects.requireNonNull(event.getGapFrom()),
        Objects.requireNonNull(event.getGapThrough()));
  }
}
