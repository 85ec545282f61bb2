// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import io.pabal.router.cluster.DeliverySize;
import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.schemas.TopicCatalogue;
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
 * A producer that never skips: once a record for a topic that exists has failed, it sends nothing
 * more, ever.
 *
 * <h2>The invariant</h2>
 *
 * If a record reached a partition of a connector's topic, so did every record that was sent to that
 * partition before it. Connectors drop what lies at or below the position they have seen of an
 * address; without the invariant they would drop the second copy of a message whose first copy
 * never came.
 *
 * <p>Kafka's idempotent producer alone does not hold it. When a batch fails for good (it is too
 * old, or refused), the producer takes a new epoch and goes on with the batches queued behind, and
 * Kafka Streams, which learns of it from the callback, only stops at its own next call. So this
 * producer is closed inside the callback, on the sender's thread, before that thread can send
 * another batch: queued records are given up, batches on the wire are refused by the broker because
 * their sequence has a hole. The failure stays: every later {@code send} and {@code flush} throws,
 * so no task of the thread can commit. The thread dies and its replacement takes up the committed
 * positions with a new producer.
 *
 * <p>The exception is a connector's topic that Kafka itself says does not exist: nobody can see the
 * hole. Those records are counted and given up, so that a deleted topic stops nothing else. Kafka
 * Streams is not told of them, since it would write an error with a stack trace for each.
 *
 * <h2>A record that its topic refuses</h2>
 *
 * A delivery that is too large for its connector's topic, or invalid there, is no exception:
 * nothing may be sent behind it, so the producer stops as ever. But the same record would be
 * refused again and again. So it is noted ({@link DeliveryTopics#refused}) before the thread dies,
 * and the replacement, which routes the same message from the committed position, announces it by
 * an activation up to its position: a small record in the very place of the delivery. The connector
 * has seen nothing of the address beyond it, hence reads the timeline up to there. Other connectors
 * get some deliveries twice and drop them.
 *
 * <p>Threads: {@code send} and {@code flush} on the stream thread, callbacks there or on the
 * sender's.
 */
public final class FailStopProducer extends KafkaProducer<byte[], byte[]> {

  private static final Logger log = LoggerFactory.getLogger(FailStopProducer.class);

  private final DeliveryTopics topics;
  private final RouterMetrics metrics;
  private final LogLimiter gone =
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
      metrics.recordsAnswered.increment(); // it has not taken the record, and answers nothing
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
      answer(callback, metadata, null);
    } else if (failure != null) {
      answer(callback, metadata, failure);
    } else if (isGone(record)) {
      metrics.skippedTopicGone.increment();
      if (gone.allows()) {
        log.warn("gave up a record topic={} reason={}", record.topic(), e.toString());
      }
    } else {
      var failed =
          isRefused(record, e)
              ? new DeliveryRefusedException(record.topic(), e)
              : new ProductionFailedException(record.topic(), e);
      failure = failed;
      metrics.produced.failed(record.topic() + ": " + KafkaProblem.describe(e));
      close(Duration.ZERO);
      answer(callback, metadata, failed);
    }
  }

  /** Notes what a connector's topic refuses for itself, so that it is not sent again. */
  private boolean isRefused(ProducerRecord<byte[], byte[]> record, Exception e) {
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

  private boolean isGone(ProducerRecord<byte[], byte[]> record) {
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

  private static void answer(
      @Nullable Callback callback, RecordMetadata metadata, @Nullable Exception e) {
    if (callback != null) {
      callback.onCompletion(metadata, e);
    }
  }
}
