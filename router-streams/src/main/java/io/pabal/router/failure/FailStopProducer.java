// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import io.pabal.router.cluster.DeliverySize;
import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.KafkaProblem;
import io.pabal.telemetry.LogLimiter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.errors.StreamsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer that never skips a record: once a record for a topic that exists has failed, this
 * producer sends nothing more.
 *
 * <h2>The invariant</h2>
 *
 * If a record reached a partition of a connector's topic, then every record that was sent to that
 * partition before it reached the partition too. Connectors drop records at or below the position
 * that they have seen of a feed. Without the invariant, they would drop the second copy of a
 * message whose first copy never arrived.
 *
 * <p>Kafka's idempotent producer alone does not keep the invariant. When a batch fails for good (it
 * is too old, or refused), the producer takes a new epoch and continues with the batches queued
 * behind. Kafka Streams learns of the failure from the callback and stops only at its own next
 * call. So this producer is closed inside the callback, on the sender thread, before that thread
 * can send another batch. Queued records are given up. The broker refuses batches on the wire,
 * because their sequence has a gap. The failure is permanent: every later {@code send} and {@code
 * flush} throws, so no task of the stream thread can commit. The stream thread dies, and its
 * replacement continues from the committed offsets with a new producer.
 *
 * <p>There is one exception: a connector's topic that does not exist according to Kafka itself. No
 * connector can notice lost records there. Records of such a topic are counted and given up, so a
 * deleted topic stops no other topic. Kafka Streams is not informed of them, because it would log
 * an error with a stack trace for each record.
 *
 * <h2>A record that its topic refuses</h2>
 *
 * A delivery that is too large for its connector's topic, or invalid there, is not such an
 * exception. No record may be sent behind it, so the producer stops as always. But its replacement
 * would send the same record, which would be refused again and again. So the refusal is noted
 * ({@link DeliveryTopics#refused}) before the stream thread dies. The replacement routes the same
 * message from the committed offset and announces it by an activation up to the message's position:
 * a small record in the place of the delivery. The connector has seen nothing of the feed beyond
 * that position, so it reads the timeline up to there. Other connectors get some deliveries twice
 * and drop them.
 *
 * <p>Threads: {@code send} and {@code flush} are called on the stream thread; callbacks run on the
 * stream thread or on the sender thread.
 */
public final class FailStopProducer extends KafkaProducer<byte[], byte[]> {

  private static final Logger log = LoggerFactory.getLogger(FailStopProducer.class);

  private final DeliveryTopics topics;
  private final RouterMetrics metrics;
  private final LogLimiter goneTopicLines =
      new LogLimiter(
          1,
          Duration.ofSeconds(10),
          count -> log.warn("gave up further records leftOut={}", count));
  private volatile @Nullable ProductionFailedException failure;

  public FailStopProducer(
      Map<String, Object> config, DeliveryTopics topics, RouterMetrics metrics) {
    super(config, new ByteArraySerializer(), new ByteArraySerializer());
    this.topics = topics;
    this.metrics = metrics;
  }

  @Override
  public Future<RecordMetadata> send(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    throwIfFailed();
    metrics.recordsSent.increment();
    try {
      return super.send(record, (metadata, e) -> completed(record, callback, metadata, e));
    } catch (RuntimeException e) {
      metrics.recordsAnswered.increment(); // the record was not accepted, so no callback follows
      throw e;
    }
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return send(record, null);
  }

  @Override
  public void flush() {
    super.flush();
    throwIfFailed();
  }

  private void completed(
      ProducerRecord<byte[], byte[]> record,
      @Nullable Callback callback,
      RecordMetadata metadata,
      @Nullable Exception e) {
    metrics.recordsAnswered.increment();
    if (e == null) {
      metrics.produced.succeeded();
      complete(callback, metadata, null);
    } else if (failure != null) {
      complete(callback, metadata, failure);
    } else if (isTopicGone(record)) {
      metrics.skippedTopicGone.increment();
      if (goneTopicLines.allows()) {
        log.warn("gave up a record topic={} reason={}", record.topic(), e.toString());
      }
    } else {
      var failed =
          noteIfRefused(record, e)
              ? new DeliveryRefusedException(record.topic(), e)
              : new ProductionFailedException(record.topic(), e);
      failure = failed;
      metrics.produced.failed(record.topic() + ": " + KafkaProblem.describe(e));
      close(Duration.ZERO);
      complete(callback, metadata, failed);
    }
  }

  /**
   * Whether a connector's topic refused the record because of the record itself. If so, notes the
   * refusal, so that the record is not sent again.
   */
  private boolean noteIfRefused(ProducerRecord<byte[], byte[]> record, Exception e) {
    boolean forSize =
        e instanceof RecordTooLargeException || e instanceof RecordBatchTooLargeException;
    boolean refused =
        forSize || e instanceof InvalidRecordException || e instanceof PolicyViolationException;
    if (!refused || !record.topic().startsWith(TopicCatalogue.DELIVERIES_PREFIX)) {
      return false;
    }
    int bytes = DeliverySize.of(record.key(), record.value(), record.headers());
    topics.refused(record.topic(), bytes, record.value() != null, forSize);
    metrics.refused.increment();
    return true;
  }

  private boolean isTopicGone(ProducerRecord<byte[], byte[]> record) {
    if (!record.topic().startsWith(TopicCatalogue.DELIVERIES_PREFIX)) {
      return false;
    }
    try {
      return !topics.exists(record.topic(), record.timestamp());
    } catch (KafkaException e) {
      log.warn(
          "cannot tell whether a topic exists topic={} reason={}", record.topic(), e.toString());
      return false;
    }
  }

  private void throwIfFailed() {
    ProductionFailedException failed = failure;
    if (failed != null) {
      throw new StreamsException("The producer stopped at a record that failed.", failed);
    }
  }

  private static void complete(
      @Nullable Callback callback, RecordMetadata metadata, @Nullable Exception e) {
    if (callback != null) {
      callback.onCompletion(metadata, e);
    }
  }
}
