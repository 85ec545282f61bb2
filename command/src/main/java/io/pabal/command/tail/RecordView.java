// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tail;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Drain;
import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.DeliveryHeader.Kick;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Shows one record of a topic of the catalogue as fields: {@code partition}, {@code offset}, {@code
 * timestamp}, {@code key}, for deliveries {@code header}, then {@code value}. A record that cannot
 * be decoded has {@code garbage} with the error instead of {@code value}, and the first bytes of
 * the value.
 */
final class RecordView {

  /** How many bytes of a value that cannot be decoded are shown. */
  private static final int GARBAGE_BYTES_MAX = 96;

  private final Codecs codecs;

  RecordView(Codecs codecs) {
    this.codecs = codecs;
  }

  /** The fields. Waits at most two seconds while the registry looks up the record's schema. */
  Map<String, @Nullable Object> of(ConsumerRecord<byte[], byte[]> record) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("partition", record.partition());
    fields.put("offset", record.offset());
    fields.put("timestamp", Instant.ofEpochMilli(record.timestamp()));
    if (record.key() == null) {
      fields.put("key", null);
    } else {
      AvroFields.putBytes(fields, "key", record.key());
    }
    try {
      if (record.topic().startsWith(TopicCatalogue.DELIVERIES_PREFIX)) {
        delivery(fields, record);
      } else {
        fields.put("value", value(codec(record.topic()), record.value()));
      }
    } catch (MalformedRecordException | SchemaPendingException e) {
      fields.put("garbage", e.getMessage());
      byte[] value = record.value();
      if (value != null) {
        fields.put("valueBytes", value.length);
        AvroFields.putBytes(
            fields, "valueBegin", Arrays.copyOf(value, Math.min(value.length, GARBAGE_BYTES_MAX)));
      }
    }
    return fields;
  }

  private void delivery(
      Map<String, @Nullable Object> fields, ConsumerRecord<byte[], byte[]> record) {
    DeliveryHeader header = DeliveryHeader.of(record.headers());
    fields.put("header", header(header));
    if (header instanceof Routed) {
      fields.put("value", AvroFields.of(codecs.message().decodeAwaiting(record.value())));
    }
  }

  private static Map<String, @Nullable Object> header(DeliveryHeader header) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    switch (header) {
      case Routed(int partition, long offset, long incarnation, long activation) -> {
        fields.put("kind", "message");
        fields.put("position", partition + ":" + offset);
        fields.put("incarnation", incarnation);
        fields.put("activation", activation);
      }
      case Activated(int partition, long head, long incarnation, long activation) -> {
        fields.put("kind", "activated");
        fields.put("partition", partition);
        fields.put("head", head);
        fields.put("incarnation", incarnation);
        fields.put("activation", activation);
      }
      case Evict(long epoch) -> {
        fields.put("kind", "evict");
        fields.put("epoch", epoch);
      }
      case Kick(long epoch, boolean forget) -> {
        fields.put("kind", "kick");
        fields.put("epoch", epoch);
        fields.put("forget", forget);
      }
      case Drain(long incarnation) -> {
        fields.put("kind", "drain");
        fields.put("incarnation", incarnation);
      }
      case Rewind(int partition, long from, long through, long epoch, String clientId) -> {
        fields.put("kind", "rewind");
        fields.put("partition", partition);
        fields.put("from", from);
        fields.put("through", through);
        fields.put("epoch", epoch);
        fields.put("clientId", clientId);
      }
    }
    return fields;
  }

  /** The decoded value; null for a tombstone. Only the topic {@code connectors} has tombstones. */
  private @Nullable Object value(AvroCodec<?> codec, byte @Nullable [] bytes) {
    return bytes == null && codec == codecs.connectorState()
        ? null
        : AvroFields.of(codec.decodeAwaiting(bytes));
  }

  private AvroCodec<?> codec(String topic) {
    return switch (topic) {
      case TopicCatalogue.MESSAGES -> codecs.message();
      case TopicCatalogue.LOCATIONS -> codecs.location();
      case TopicCatalogue.CONNECTORS -> codecs.connectorState();
      case TopicCatalogue.SESSIONS -> codecs.sessionEvent();
      case TopicCatalogue.UNROUTED -> codecs.unrouted();
      default -> throw new IllegalArgumentException(topic + ": not of the catalogue");
    };
  }
}
