// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import io.pabal.recovery.RecoveryException;
import io.pabal.recovery.replay.ReplayedFeeds.Range;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.Location;
import io.pabal.schemas.LocationCheck;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Requests to live sessions, by feed. The router forwards each request to the connectors in its
 * location table, so a feed costs one record for any number of sessions. For one thread.
 */
final class LiveSessions {

  private final Producer<byte[], byte[]> producer;
  private final byte[] value;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /**
   * Requests to the sessions of one connector, or of all connectors when {@code connectorId} is
   * empty. The producer belongs to the caller.
   */
  LiveSessions(Producer<byte[], byte[]> producer, AvroCodec<Location> codec, String connectorId) {
    this.producer = producer;
    this.value = codec.encode(LocationCheck.of(connectorId));
  }

  /**
   * Requests a check: the router sends an <em>activated</em> record with the current head, and a
   * connector reads the timeline if that head lies beyond the newest position it has seen.
   */
  void check(int partition, String feed) {
    send(TopicCatalogue.LOCATIONS, partition, feed, value, List.of());
  }

  /** Requests a check, and a rewind of the sessions whose claim is not newer than {@code epoch}. */
  void rewind(String feed, Range range, long epoch) {
    send(
        TopicCatalogue.LOCATIONS,
        range.partition(),
        feed,
        value,
        List.of(header(range, epoch, "")));
  }

  /** Requests the rewind of one session of one connector, for any epoch of its claim. */
  void rewind(String connectorId, String clientId, String feed, Range range) {
    send(
        TopicCatalogue.deliveriesTopic(connectorId),
        0,
        feed,
        null,
        List.of(header(range, Long.MAX_VALUE, clientId)));
  }

  /** Waits until Kafka has stored all requests. */
  void flush() {
    producer.flush();
    Exception failed = failure.get();
    if (failed != null) {
      throw new RecoveryException(
          "kafka: not written for live sessions: " + failed.getMessage(), failed);
    }
  }

  private static Header header(Range range, long epoch, String clientId) {
    var rewind = new Rewind(range.partition(), range.first(), range.last(), epoch, clientId);
    return new RecordHeader(DeliveryHeader.NAME, rewind.toBytes());
  }

  private void send(
      String topic,
      int partition,
      String feed,
      byte @Nullable [] recordValue,
      List<Header> headers) {
    byte[] key = feed.getBytes(StandardCharsets.UTF_8);
    var _ =
        producer.send(
            new ProducerRecord<>(topic, partition, key, recordValue, headers),
            (at, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
  }
}
