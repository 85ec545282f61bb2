// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.Partitions;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends published messages to {@code messages}. Called on event loops, and never blocks them.
 *
 * <h2>Why it cannot block, and what is bounded</h2>
 *
 * <p>A Kafka producer blocks in {@code send} when it lacks the topic's metadata or buffer memory.
 * Metadata is fetched at the start and never evicted. Buffer memory cannot run out: the bytes on
 * their way are counted here, and beyond {@code appendBytesMax} the ingress is closed, so
 * connections stop reading. The producer has twice that, since a batch may be half full, and a
 * batch more for each that a partition has under way or begun, since one with a single message
 * takes as much memory as a full one. Should it block all the same, {@code max.block.ms=0} turns
 * that into an append that failed, which closes one connection.
 *
 * <p>It opens again at half of the bound, and then tells every event loop.
 */
public final class Ingress implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Ingress.class);

  private static final int BATCH_BYTES = 64 * 1024;
  private static final int RECORD_OVERHEAD_BYTES = 64;

  /**
   * As many requests as an idempotent producer may have under way; each with a batch of every
   * partition.
   */
  private static final int IN_FLIGHT_MAX = 5;

  private static final long LOG_INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration METADATA_POLL = Duration.ofMillis(10);

  private static final RecordMetadata NO_METADATA =
      new RecordMetadata(new TopicPartition(TopicCatalogue.MESSAGES, -1), -1, -1, -1, -1, -1);

  private final KafkaProducer<byte[], byte[]> producer;
  private final int partitions;
  private final List<LoopContext> loops;
  private final ConnectorMetrics metrics;
  private final long closeAtBytes;
  private final long openAtBytes;
  private final AtomicLong bytesOnTheWay = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicLong failureLoggedNanos =
      new AtomicLong(System.nanoTime() - LOG_INTERVAL_NANOS);

  /** Connects to Kafka and fetches the metadata of {@code messages}; blocks. */
  public Ingress(ConnectorConfig.Kafka config, List<LoopContext> loops, ConnectorMetrics metrics) {
    this.partitions = config.topics().partitions();
    this.loops = loops;
    this.metrics = metrics;
    this.closeAtBytes = config.appendBytesMax();
    this.openAtBytes = closeAtBytes / 2;
    this.producer =
        new KafkaProducer<>(settings(config), new ByteArraySerializer(), new ByteArraySerializer());
    awaitMetadata();
  }

  private void awaitMetadata() {
    long deadlineNanos = System.nanoTime() + METADATA_TIMEOUT.toNanos();
    while (true) {
      try {
        producer.partitionsFor(TopicCatalogue.MESSAGES);
        return;
      } catch (TimeoutException e) {
        // With max.block.ms=0 a call only asks for the metadata; a later one finds it.
        if (System.nanoTime() > deadlineNanos) {
          producer.close(Duration.ZERO);
          throw e;
        }
        LockSupport.parkNanos(METADATA_POLL.toNanos());
      }
    }
  }

  private static Map<String, Object> settings(ConnectorConfig.Kafka config) {
    int appendTimeoutMillis = Math.toIntExact(config.appendTimeout().toMillis());
    int lingerMillis = 1;
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "ingress");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, lingerMillis);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    settings.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        2 * config.appendBytesMax()
            + (IN_FLIGHT_MAX + 1L) * config.topics().partitions() * BATCH_BYTES);
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, IN_FLIGHT_MAX);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, appendTimeoutMillis);
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        Math.min(30_000, appendTimeoutMillis - lingerMillis));
    settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Long.MAX_VALUE / 4);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
    return settings;
  }

  /**
   * Whether messages may be appended now. When not, {@link LoopContext#awaitIngress} tells when to
   * go on.
   */
  public boolean isOpen() {
    return !closed.get();
  }

  /**
   * Appends {@code message}.
   *
   * @param queue gets the acknowledgement of a message of QoS 1; null at QoS 0, which is sent and
   *     forgotten
   */
  public void append(Message message, int packetId, @Nullable AckQueue queue) {
    byte[] key = message.getAddress().getBytes(StandardCharsets.UTF_8);
    byte[] value = Codecs.MESSAGE.encode(message);
    int bytes = key.length + value.length + RECORD_OVERHEAD_BYTES;
    started(bytes);
    var record =
        new ProducerRecord<>(
            TopicCatalogue.MESSAGES,
            Partitions.of(key, partitions),
            message.getPublishedAt().toEpochMilli(),
            key,
            value);
    if (queue == null) {
      send(record, (metadata, error) -> completed(bytes, error));
    } else {
      Append append = new Append(this, queue, packetId, bytes);
      queue.add(append);
      send(record, append);
    }
  }

  private void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    try {
      var _ = producer.send(record, callback);
    } catch (RuntimeException e) {
      // What the producer throws instead of handing it to the callback: a fatal state, or that it
      // is closed.
      callback.onCompletion(NO_METADATA, e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }

  private void started(int bytes) {
    metrics.publishes.increment();
    if (bytesOnTheWay.addAndGet(bytes) > closeAtBytes && closed.compareAndSet(false, true)) {
      metrics.ingressPauses.increment();
      log.info(
          "ingress paused bytesOnTheWay={} reason=\"Kafka is slower than the publishers\"",
          closeAtBytes);
      // Kafka may have taken everything between the two lines above.
      openIfDrained(bytesOnTheWay.get());
    }
  }

  void completed(int bytes, @Nullable Exception error) {
    if (error != null) {
      failed(error);
    }
    openIfDrained(bytesOnTheWay.addAndGet(-bytes));
  }

  private void openIfDrained(long left) {
    if (left <= openAtBytes && closed.compareAndSet(true, false)) {
      for (LoopContext loop : loops) {
        loop.eventLoop().execute(loop::ingressOpened);
      }
    }
  }

  private void failed(Exception error) {
    metrics.appendsFailed.increment();
    long loggedNanos = failureLoggedNanos.get();
    long nowNanos = System.nanoTime();
    if (nowNanos - loggedNanos >= LOG_INTERVAL_NANOS
        && failureLoggedNanos.compareAndSet(loggedNanos, nowNanos)) {
      log.warn(
          "append failed total={} reason=\"{}\"", metrics.appendsFailed.sum(), error.toString());
    }
  }
}
