// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.metrics.LogLimiter;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.schemas.TopicCatalogue;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
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
 * <p>Threads: {@code send} and {@code flush} on the stream thread, callbacks there or on the
 * sender's.
 */
public final class FailStopProducer extends KafkaProducer<byte[], byte[]> {

  private static final Logger log = LoggerFactory.getLogger(FailStopProducer.class);

  private final DeliveryTopics topics;
  private final RouterMetrics metrics;
  private final LogLimiter gone = new LogLimiter();
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
    return super.send(record, (metadata, e) -> completed(record, callback, metadata, e));
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
    if (e == null) {
      answer(callback, metadata, null);
    } else if (failure != null) {
      answer(callback, metadata, failure);
    } else if (isGone(record)) {
      metrics.skippedTopicGone.increment();
      if (gone.allows()) {
        log.warn("gave up a record topic={} reason={}", record.topic(), e.toString());
      }
    } else {
      var failed = new ProductionFailedException(record.topic(), e);
      failure = failed;
      close(Duration.ZERO);
      answer(callback, metadata, failed);
    }
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
