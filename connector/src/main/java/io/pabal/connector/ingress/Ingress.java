// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.SendSpan;
import io.pabal.connector.tracing.Tracing;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Message;
import io.pabal.schemas.Partitions;
import io.pabal.schemas.TopicCatalogue;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.KafkaProblem;
import io.pabal.telemetry.Meters;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
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
 * connections stop reading; the producer has more than twice that. Should it block all the same,
 * {@code max.block.ms=0} turns that into an append that failed. The ingress opens again at half of
 * the bound, and then tells every event loop.
 *
 * <h2>Why a failed append leaves no hole</h2>
 *
 * <p>When a batch fails for good, an idempotent producer goes on with those queued behind it: later
 * messages of the same publisher would be in Kafka before the failed one is sent again. So the
 * first failure ends the producer, on its own thread, before it can send more. Every append that
 * was under way fails, every publisher concerned is closed ({@link AckQueue#fail} keeps its next
 * message from reaching the next producer) and sends again what was not acknowledged, in order. A
 * new producer takes over when the old one has answered for all; until then the ingress is closed.
 */
public final class Ingress implements AutoCloseable {

  /**
   * Bytes of an encoded message, with its address, that {@code messages} takes: a little under
   * Kafka's default for a record, which leaves room for what the router adds.
   */
  public static final int MESSAGE_BYTES_MAX = 1_000_000;

  private static final Logger log = LoggerFactory.getLogger(Ingress.class);

  private static final int RECORD_OVERHEAD_BYTES = 64;
  private static final Duration REPLACEMENT_PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final RecordMetadata NO_METADATA =
      new RecordMetadata(new TopicPartition(TopicCatalogue.MESSAGES, -1), -1, -1, -1, -1, -1);

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final AvroCodec<Message> codec;
  private final int partitions;
  private final List<LoopContext> loops;
  private final ConnectorMetrics metrics;

  /** Null: off. */
  private final @Nullable Tracing tracing;

  private final long closeAtBytes;
  private final long openAtBytes;
  private final AtomicLong bytesOnTheWay = new AtomicLong();
  private final AtomicBoolean full = new AtomicBoolean();
  private final AtomicBoolean replacing = new AtomicBoolean();
  private volatile Producer<byte[], byte[]> producer;
  private volatile boolean stopping;

  /** Connects to Kafka and fetches the metadata of {@code messages}; blocks. */
  public Ingress(
      ConnectorConfig.Kafka config,
      AvroCodec<Message> codec,
      List<LoopContext> loops,
      ConnectorMetrics metrics,
      @Nullable Tracing tracing) {
    this(config, codec, loops, metrics, tracing, () -> MessageProducer.create(config));
  }

  /**
   * An ingress that appends through another kind of producer.
   *
   * @param producers makes one that does not block; asked again when the last one failed
   */
  public Ingress(
      ConnectorConfig.Kafka config,
      AvroCodec<Message> codec,
      List<LoopContext> loops,
      ConnectorMetrics metrics,
      @Nullable Tracing tracing,
      Supplier<Producer<byte[], byte[]>> producers) {
    this.producers = producers;
    this.codec = codec;
    this.partitions = config.topics().partitions();
    this.loops = loops;
    this.metrics = metrics;
    this.tracing = tracing;
    this.closeAtBytes = config.appendBytesMax();
    this.openAtBytes = closeAtBytes / 2;
    this.producer = producers.get();
  }

  /**
   * Whether messages may be appended now. When not, {@link LoopContext#awaitIngress} tells when to
   * go on.
   */
  public boolean isOpen() {
    return !full.get() && !replacing.get();
  }

  /**
   * Appends {@code message}.
   *
   * @param queue gets the acknowledgement of a message of QoS 1; null at QoS 0, which is sent and
   *     forgotten
   * @return false, and nothing happened, when the message exceeds {@link #MESSAGE_BYTES_MAX}
   */
  public boolean append(Message message, int packetId, @Nullable AckQueue queue) {
    byte[] key = message.getAddress().getBytes(StandardCharsets.UTF_8);
    byte[] value = codec.encode(message);
    int bytes = key.length + value.length + RECORD_OVERHEAD_BYTES;
    if (bytes > MESSAGE_BYTES_MAX) {
      return false;
    }
    if (queue == null) {
      send(message, key, value, bytes, (metadata, error) -> {});
    } else if (!queue.hasFailed()) {
      Append append = new Append(queue, packetId);
      queue.add(append);
      send(message, key, value, bytes, append);
    }
    return true;
  }

  /** Whether the producer has failed and another one does not append yet. Any thread. */
  public boolean isReplacing() {
    return replacing.get();
  }

  /** Binds how much is on its way to Kafka. */
  public void bindTo(Meters meters) {
    meters.gauge(
        "pabal.connector.append.bytes",
        "Bytes of messages on their way to Kafka",
        bytesOnTheWay::get);
    meters.gauge(
        "pabal.connector.append.bytes.max",
        "Bytes beyond which nothing more is read from publishing sockets",
        () -> closeAtBytes);
    meters.gauge(
        "pabal.connector.ingress.paused",
        "Whether nothing is read from publishing sockets: 1 for paused, otherwise 0",
        () -> isOpen() ? 0 : 1);
    KafkaClientMeters.bind(meters, "ingress", () -> producer.metrics());
  }

  @Override
  public void close() {
    stopping = true;
    producer.close(CLOSE_TIMEOUT);
  }

  private void send(Message message, byte[] key, byte[] value, int bytes, Callback callback) {
    int partition = Partitions.of(key, partitions);
    SendSpan span = tracing == null ? null : tracing.send(message, partition, value.length);
    int bytesWithHeaders = span == null ? bytes : bytes + span.headerBytes();
    started(bytesWithHeaders);
    var record =
        new ProducerRecord<>(
            TopicCatalogue.MESSAGES,
            partition,
            message.getPublishedAt().toEpochMilli(),
            key,
            value,
            span == null ? null : span.headers());
    send(record, bytesWithHeaders, span == null ? callback : span.endedAfter(callback));
  }

  private void send(ProducerRecord<byte[], byte[]> record, int bytes, Callback callback) {
    Producer<byte[], byte[]> through = producer;
    long begunNanos = System.nanoTime();
    Thread caller = Thread.currentThread();
    Callback completed =
        (metadata, error) -> {
          // First the publisher's queue, so that none of its later messages meets the next
          // producer.
          callback.onCompletion(metadata, error);
          metrics.appendDelay.record(System.nanoTime() - begunNanos);
          if (error == null) {
            metrics.appendOutcome.succeeded();
          } else {
            metrics.appendOutcome.failed(KafkaProblem.describe(error));
            failed(through, error, Thread.currentThread().equals(caller));
          }
          openIfDrained(bytesOnTheWay.addAndGet(-bytes));
        };
    try {
      var _ = through.send(record, completed);
    } catch (RuntimeException e) {
      // What the producer throws instead of handing it to the callback: a fatal state, or that it
      // is closed.
      completed.onCompletion(NO_METADATA, e);
    }
  }

  private void started(int bytes) {
    metrics.publishes.increment();
    if (bytesOnTheWay.addAndGet(bytes) > closeAtBytes && full.compareAndSet(false, true)) {
      metrics.ingressPauses.increment();
      log.info(
          "ingress paused bytesOnTheWay={} reason=\"Kafka is slower than the publishers\"",
          closeAtBytes);
      // Kafka may have taken everything between the two lines above.
      openIfDrained(bytesOnTheWay.get());
    }
  }

  private void openIfDrained(long left) {
    if (left <= openAtBytes && full.compareAndSet(true, false)) {
      tellOpen();
    }
  }

  private void tellOpen() {
    if (isOpen()) {
      for (LoopContext loop : loops) {
        loop.eventLoop().execute(loop::ingressOpened);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // is it the producer of now?
  private void failed(Producer<byte[], byte[]> failed, Exception error, boolean onEventLoop) {
    metrics.appendsFailed.increment();
    if (stopping || failed != producer || !replacing.compareAndSet(false, true)) {
      return;
    }
    log.warn("appending failed, publishers that wait are closed reason=\"{}\"", error.toString());
    if (!onEventLoop) {
      // On the producer's own thread this returns at once, and nothing more is sent. What the
      // producer refused on the event loop never entered it, so it left no hole.
      failed.close(Duration.ZERO);
    }
    Thread.ofVirtual().name("ingress-replacement").start(() -> replace(failed));
  }

  private void replace(Producer<byte[], byte[]> failed) {
    // Returns when the old one has answered for every append that it had.
    failed.close(CLOSE_TIMEOUT);
    while (!stopping) {
      try {
        producer = producers.get();
        break;
      } catch (RuntimeException e) {
        // Whatever it is: without a producer nobody can publish, so it has to be tried again.
        log.warn("no new producer yet reason=\"{}\"", e.toString());
        LockSupport.parkNanos(REPLACEMENT_PAUSE.toNanos());
      }
    }
    if (stopping) {
      producer.close(CLOSE_TIMEOUT);
      return;
    }
    replacing.set(false);
    log.info("appending goes on");
    tellOpen();
  }
}
