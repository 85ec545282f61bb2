// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import io.pabal.router.cluster.DeliverySize;
import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.table.LocationEntry;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Unrouted;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.LogLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the records of one task. Used by the task's stream thread only.
 *
 * <p>Records get the time of routing as their timestamp. Otherwise a router that catches up would
 * write deliveries that retention deletes before the connector has read them.
 */
final class Outbox {

  /**
   * The size in bytes, as {@link DeliverySize} counts them, above which a message is announced
   * rather than forwarded. Otherwise the header that the router adds could push a message that just
   * fitted into {@code messages} over the limit of the connector's topic (Kafka's default is 1 MiB
   * and 12 bytes), and a record that can never be sent would stop its partition for good.
   */
  static final int RECORD_BYTES_MAX = 1_010_000;

  private static final Logger log = LoggerFactory.getLogger(Outbox.class);
  private static final Headers NO_HEADERS = new RecordHeaders();
  private static final int TOPICS_KEPT_MAX = 10_000;

  private final ProcessorContext<byte[], RoutedRecord> context;
  private final AvroCodec<Unrouted> codec;
  private final DeliveryTopics topics;
  private final RouterMetrics metrics;
  private final LogLimiter skippedLines;
  private final int partition;
  private final Map<String, String> topicOf = new HashMap<>();

  Outbox(
      ProcessorContext<byte[], RoutedRecord> context,
      AvroCodec<Unrouted> codec,
      DeliveryTopics topics,
      RouterMetrics metrics,
      LogLimiter skippedLines) {
    this.context = context;
    this.codec = codec;
    this.topics = topics;
    this.metrics = metrics;
    this.skippedLines = skippedLines;
    this.partition = context.taskId().partition();
  }

  /**
   * Forwards a message to one connector. A message that is too large, for any topic or for this
   * connector's topic, is announced: the connector gets an activation up to the message's offset
   * and reads the message from the timeline. So no message is skipped: once the connector has seen
   * the feed up to that offset, it has seen this message.
   *
   * @param sinceMillis when the location was relied on, as in {@link DeliveryTopics#exists}
   * @return false when the connector's topic is gone or refuses all records; nothing was sent
   */
  boolean deliver(
      Record<byte[], byte[]> message,
      byte[] prefix,
      long offset,
      LocationEntry to,
      long sinceMillis) {
    int bytes = DeliverySize.of(message.key(), message.value(), message.headers());
    if (bytes > RECORD_BYTES_MAX || bytes > topics.messageBytesMax(topicOf(to.connectorId()))) {
      metrics.oversized.increment();
      return activate(prefix, offset, to, sinceMillis);
    }
    var routed = new Routed(partition, offset, to.incarnation(), to.activation());
    if (!send(to, message.key(), message.value(), message.headers(), routed, sinceMillis)) {
      return false;
    }
    metrics.deliveries.increment();
    return true;
  }

  /**
   * Sends a connector an activation: the connector reads the timeline of the feed itself, up to
   * {@code head}.
   *
   * @return false when the connector's topic is gone or refuses all records; nothing was sent
   */
  boolean activate(byte[] prefix, long head, LocationEntry to, long sinceMillis) {
    var activated = new Activated(partition, head, to.incarnation(), to.activation());
    if (!send(to, prefix, null, NO_HEADERS, activated, sinceMillis)) {
      return false;
    }
    metrics.activations.increment();
    return true;
  }

  /**
   * Sends a connector the rewind of a feed.
   *
   * @return false when the connector's topic is gone or refuses all records; nothing was sent
   */
  boolean rewind(byte[] prefix, Rewind rewind, LocationEntry to, long sinceMillis) {
    return send(to, prefix, null, NO_HEADERS, rewind, sinceMillis);
  }

  /** The rewind in the headers of a record of {@code locations}; null: none. */
  static @Nullable Rewind rewindOf(Headers headers) {
    return headers.lastHeader(DeliveryHeader.NAME) != null
            && DeliveryHeader.of(headers) instanceof Rewind rewind
        ? rewind
        : null;
  }

  /** Reports in {@code unrouted} a message of whose prefix no live connector has sessions. */
  void unrouted(byte[] address, long offset, long appendedAtMillis) {
    var reference = new Unrouted(partition, offset, Instant.ofEpochMilli(appendedAtMillis));
    byte[] value = codec.encode(reference);
    context.forward(
        record(address, new RoutedRecord(TopicCatalogue.UNROUTED, partition, value), NO_HEADERS));
    metrics.unrouted.increment();
  }

  private boolean send(
      LocationEntry to,
      byte[] key,
      byte @Nullable [] value,
      Headers original,
      DeliveryHeader header,
      long sinceMillis) {
    String topic = topicOf(to.connectorId());
    if (!topics.exists(topic, sinceMillis)) {
      return skip(topic);
    }
    if (topics.takesNothing(topic)) {
      // Handled as a topic that is gone. The location is removed, so no message is skipped for a
      // location in the table. When the connector announces the location again, the head of the
      // answer covers the messages that were not sent.
      metrics.refused.increment();
      return false;
    }
    Record<byte[], RoutedRecord> record =
        record(key, new RoutedRecord(topic, partition, value), original);
    if (record.headers().lastHeader(DeliveryHeader.NAME) != null) {
      record.headers().remove(DeliveryHeader.NAME);
    }
    record.headers().add(DeliveryHeader.NAME, header.toBytes());
    try {
      context.forward(record);
      return true;
    } catch (TimeoutException e) {
      // The producer could not read the topic's partitions, so it has not accepted the record.
      if (topics.exists(topic, context.currentSystemTimeMs())) {
        throw e;
      }
      return skip(topic);
    }
  }

  /** Limits the log lines about skipped records; one limiter for all tasks of a router. */
  static LogLimiter skippedLinesLimiter() {
    return new LogLimiter(
        1, Duration.ofSeconds(10), count -> log.warn("skipped further records leftOut={}", count));
  }

  private boolean skip(String topic) {
    metrics.skippedTopicGone.increment();
    if (skippedLines.allows()) {
      log.warn("skipped a record topic={} reason=\"the topic does not exist\"", topic);
    }
    return false;
  }

  /** A record with its own copy of the headers, because the producer makes them read-only. */
  private Record<byte[], RoutedRecord> record(byte[] key, RoutedRecord delivery, Headers headers) {
    return new Record<>(key, delivery, context.currentSystemTimeMs(), headers);
  }

  private String topicOf(String connectorId) {
    String topic = topicOf.get(connectorId);
    if (topic == null) {
      topic = TopicCatalogue.deliveriesTopic(connectorId);
      if (topicOf.size() >= TOPICS_KEPT_MAX) {
        topicOf.clear();
      }
      topicOf.put(connectorId, topic);
    }
    return topic;
  }
}
