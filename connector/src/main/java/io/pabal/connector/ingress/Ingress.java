// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.SendSpan;
import io.pabal.connector.tracing.Tracing;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.KafkaProblem;
import io.pabal.telemetry.LogLimiter;
import io.pabal.telemetry.Meters;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends published messages to {@code messages}. Called on event loops, and never blocks them.
 *
 * <h2>Why it cannot block, and what is bounded</h2>
 *
 * <p>A Kafka producer blocks in {@code send} when it lacks the topic's metadata or buffer memory.
 * The metadata is fetched at the start and never evicted. Buffer memory cannot run out: the bytes
 * on their way are counted here, and beyond {@code appendBytesMax} the ingress is closed, so that
 * connections stop reading; the producer's buffer is more than twice as large. If the producer
 * still had to block, {@code max.block.ms=0} would make the append fail instead. The ingress opens
 * again at half of the bound, and then notifies every event loop. Each record is kept until it is
 * answered, in addition to the producer's own copy. So the records take up to {@code
 * appendBytesMax} beside the producer's buffer.
 *
 * <h2>Why a failed append leaves no hole</h2>
 *
 * <p>When a batch fails for good, an idempotent producer still sends the batches that are queued
 * behind it: later messages of a publisher would be in Kafka before its failed message is sent
 * again. Therefore the first failure closes the producer, on the producer's own thread, before it
 * can send another batch. A new producer takes over when the old one has answered all its records;
 * until then the ingress is closed. The first failure decides what happens to the records that the
 * old producer leaves unanswered:
 *
 * <ul>
 *   <li>Kafka does not accept a message in time, or accepts no messages at all: every append that
 *       is under way fails, and the connections of their publishers are closed. {@link
 *       AckQueue#fail} keeps the next messages of these connections from reaching the new producer.
 *       The clients send the messages that were not acknowledged again, in order.
 *   <li>Kafka refused a record for itself (it is too large, or invalid): only the publisher of that
 *       record is affected. All other records are sent again, in order, through the new producer,
 *       and their publishers notice nothing; {@link Replacement} says why that is safe. A QoS 0
 *       message can then be in Kafka twice: when it was on its way to another broker at that
 *       moment.
 * </ul>
 *
 * <p>A record that the producer refuses in the call of {@code send} has no sequence number yet. So
 * it leaves no hole, and does not close the producer. Most records that Kafka would refuse reach
 * neither the producer nor Kafka: {@link #append} refuses them, because {@link RecordLimit} knows
 * the limit.
 */
public final class Ingress implements AutoCloseable {

  /**
   * Bytes of the largest record that is appended to {@code messages}, also when the topic accepts
   * larger ones. A little under Kafka's default, so that there is room for the header that the
   * router adds.
   */
  public static final int MESSAGE_BYTES_MAX = 1_000_000;

  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  static final RecordMetadata NO_METADATA =
      new RecordMetadata(new TopicPartition(TopicCatalogue.MESSAGES, -1), -1, -1, -1, -1, -1);

  private static final Logger log = LoggerFactory.getLogger(Ingress.class);

  /** Under more load than Kafka takes, the ingress is paused several times a second. */
  private static final LogLimiter PAUSE_LINES =
      new LogLimiter(
          1, Duration.ofSeconds(10), count -> log.info("ingress paused leftOut={}", count));

  private final RecordLimit limit;
  private final AvroCodec<Message> codec;
  private final Feeds feeds;
  private final List<LoopContext> loops;
  private final ConnectorMetrics metrics;

  /** Null: off. */
  private final @Nullable Tracing tracing;

  private final Replacement replacement;
  private final long closeAtBytes;
  private final long openAtBytes;
  private final AtomicLong order = new AtomicLong();
  private final AtomicLong bytesOnTheWay = new AtomicLong();
  private final AtomicBoolean full = new AtomicBoolean();
  private final AtomicBoolean replacing = new AtomicBoolean();
  private volatile Lane current;
  private volatile boolean stopping;

  /** Connects to Kafka, and fetches the metadata and the limits of {@code messages}. Blocks. */
  public Ingress(
      ConnectorConfig.Kafka config,
      AvroCodec<Message> codec,
      List<LoopContext> loops,
      ConnectorMetrics metrics,
      @Nullable Tracing tracing) {
    this(
        config,
        codec,
        loops,
        metrics,
        tracing,
        RecordLimit.of(config.bootstrapServers(), MESSAGE_BYTES_MAX),
        null);
  }

  /**
   * An ingress that appends through producers of another kind, which accept records up to {@link
   * #MESSAGE_BYTES_MAX} bytes.
   *
   * @param producers makes a producer that does not block; called again when the producer failed
   */
  public Ingress(
      ConnectorConfig.Kafka config,
      AvroCodec<Message> codec,
      List<LoopContext> loops,
      ConnectorMetrics metrics,
      @Nullable Tracing tracing,
      Supplier<Producer<byte[], byte[]>> producers) {
    this(config, codec, loops, metrics, tracing, RecordLimit.fixed(MESSAGE_BYTES_MAX), producers);
  }

  /**
   * @param producers makes the producers; null: those of {@link MessageProducer}
   */
  Ingress(
      ConnectorConfig.Kafka config,
      AvroCodec<Message> codec,
      List<LoopContext> loops,
      ConnectorMetrics metrics,
      @Nullable Tracing tracing,
      RecordLimit limit,
      @Nullable Supplier<Producer<byte[], byte[]>> producers) {
    Supplier<Producer<byte[], byte[]>> source =
        producers == null ? () -> MessageProducer.create(config, limit.bytesMax()) : producers;
    this.limit = limit;
    this.codec = codec;
    this.feeds = config.topics().feeds();
    this.loops = loops;
    this.metrics = metrics;
    this.tracing = tracing;
    this.closeAtBytes = config.appendBytesMax();
    this.openAtBytes = closeAtBytes / 2;
    this.replacement = new Replacement(this, limit, source, () -> stopping);
    try {
      this.current = new Lane(source.get());
    } catch (Throwable e) {
      limit.close();
      throw e;
    }
  }

  /**
   * Whether messages may be appended now. When they may not, {@link LoopContext#awaitIngress} calls
   * back when they may again. Called by any thread.
   */
  public boolean isOpen() {
    return !full.get() && !replacing.get();
  }

  /**
   * Appends {@code message}. Called on the event loop of the publisher's connection.
   *
   * @param packetId the packet identifier at QoS 1: the answer goes to {@code queue}; 0 at QoS 0:
   *     {@code queue} gets an answer only when Kafka refuses the message for itself
   * @return why the message is refused, and then nothing was appended; otherwise null
   */
  public @Nullable AppendRefusedException append(Message message, int packetId, AckQueue queue) {
    byte[] key = message.getAddress().getBytes(StandardCharsets.UTF_8);
    byte[] value = codec.encode(message);
    int bytes = RecordSize.of(key.length, value.length, null);
    int bytesMax = limit.bytesMax();
    if (bytes > bytesMax) {
      metrics.appendsRefused.increment();
      return AppendRefusedException.tooLarge(bytes, bytesMax);
    }
    if (queue.hasFailed()) {
      // Its connection is about to be closed.
      return null;
    }
    if (packetId == Append.AT_MOST_ONCE) {
      send(message, key, value, bytes, queue, new AtMostOnce(queue));
    } else {
      Append append = new Append(queue, packetId);
      queue.add(append);
      send(message, key, value, bytes, queue, append);
    }
    return null;
  }

  /** Whether the producer has failed and a new one does not append yet. Called by any thread. */
  public boolean isReplacing() {
    return replacing.get();
  }

  /** Binds the gauges of the appends and the metrics of the producer. */
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
    meters.gauge(
        "pabal.connector.record.bytes.max",
        "Bytes of the largest record that is appended to messages",
        limit::bytesMax);
    KafkaClientMeters.bind(meters, "ingress", () -> current.producer().metrics());
  }

  @Override
  public void close() {
    stopping = true;
    current.close(CLOSE_TIMEOUT);
    limit.close();
  }

  private void send(
      Message message, byte[] key, byte[] value, int bytes, AckQueue queue, Callback answered) {
    int partition = feeds.partitionOf(key);
    SendSpan span = tracing == null ? null : tracing.send(message, partition, value.length);
    Headers headers = span == null ? null : span.headers();
    int bytesWithHeaders = span == null ? bytes : RecordSize.of(key.length, value.length, headers);
    if (bytesWithHeaders > limit.bytesMax()) {
      // The record fits without the trace context, and must not be refused because of it.
      headers = null;
      bytesWithHeaders = bytes;
    }
    started(bytesWithHeaders);
    var record =
        new ProducerRecord<>(
            TopicCatalogue.MESSAGES,
            partition,
            message.getPublishedAt().toEpochMilli(),
            key,
            value,
            headers);
    send(
        new RecordUnderWay(
            this,
            record,
            bytesWithHeaders,
            queue,
            span == null ? answered : span.endedAfter(answered),
            order.getAndIncrement()),
        current);
  }

  /** Sends a record, for the first time or again. Its bytes have to be counted already. */
  void send(RecordUnderWay record, Lane lane) {
    record.sendingThrough(lane);
    try {
      var _ = lane.producer().send(record.record(), record);
    } catch (RuntimeException e) {
      // The producer throws, and does not call the callback, when it is closed or in a fatal state.
      record.onCompletion(NO_METADATA, e);
    }
  }

  /** Gives a record its final answer. Called by any thread. */
  void answer(RecordUnderWay record, RecordMetadata metadata, @Nullable Exception error) {
    // The publisher's queue gets the answer first, so that none of the publisher's later messages
    // reaches the next producer.
    if (!record.answer(metadata, error)) {
      return;
    }
    metrics.appendDelay.record(System.nanoTime() - record.begunNanos());
    if (error == null) {
      metrics.appendOutcome.succeeded();
    } else if (error instanceof AppendRefusedException) {
      metrics.appendsRefused.increment();
    } else {
      metrics.appendsFailed.increment();
      if (!(error instanceof AbandonedException)) {
        metrics.appendOutcome.failed(KafkaProblem.describe(error));
      }
    }
    openIfDrained(bytesOnTheWay.addAndGet(-record.bytes()));
  }

  /**
   * Gives a record that Kafka refused for itself its final answer. Called by any thread.
   *
   * @param cause the failure that Kafka reported
   */
  void refuseFor(RecordUnderWay record, Throwable cause) {
    boolean tooLarge =
        cause instanceof RecordTooLargeException || cause instanceof RecordBatchTooLargeException;
    if (tooLarge) {
      limit.refused(record.bytes());
    }
    log.warn(
        "Kafka refused a record partition={} bytes={} reason=\"{}\"",
        record.partition(),
        record.bytes(),
        cause.toString());
    refuse(
        record,
        tooLarge
            ? AppendRefusedException.tooLarge(record.bytes(), limit.bytesMax())
            : AppendRefusedException.invalid());
  }

  /**
   * Gives a record that {@code messages} does not accept its final answer. Called by any thread.
   */
  void refuse(RecordUnderWay record, AppendRefusedException refusal) {
    answer(record, NO_METADATA, refusal);
  }

  /**
   * Called when a producer did not append a record, by the thread that called {@code send} or by
   * the producer's own thread.
   *
   * @param lane the lane of that producer
   * @param inCall whether the producer failed the record in the call of {@code send}
   */
  void failed(RecordUnderWay record, Lane lane, Exception error, boolean inCall) {
    if (inCall && Lane.isRecordsOwn(error)) {
      // The record has no sequence number yet, so it leaves no hole.
      refuseFor(record, error);
      return;
    }
    boolean first = lane.fail(error);
    if (first && !inCall) {
      // On the producer's own thread close returns at once, and no further batch is sent. A record
      // that the producer refused in the call of send never entered it, and so left no hole.
      lane.close(Duration.ZERO);
    }
    if (stopping || !lane.failedByRecord()) {
      answer(record, NO_METADATA, error);
    } else if (!lane.keep(record)) {
      send(record, current);
    }
    if (first) {
      log.warn(
          "a producer failed reason=\"{}\" effect=\"{}\"",
          error.toString(),
          lane.failedByRecord()
              ? "the refused record's publisher is told"
              : "publishers that wait are closed");
      replaceIfCurrent(lane);
    }
  }

  /** The answer to messages of a publisher whose connection is given up already. */
  static Exception abandoned() {
    return new AbandonedException();
  }

  /** Makes {@code fresh} the lane through which messages are sent from now on. */
  void use(Lane fresh) {
    current = fresh;
  }

  private void started(int bytes) {
    metrics.publishes.increment();
    if (bytesOnTheWay.addAndGet(bytes) > closeAtBytes && full.compareAndSet(false, true)) {
      metrics.ingressPauses.increment();
      if (PAUSE_LINES.allows()) {
        log.info(
            "ingress paused bytesOnTheWay={} reason=\"Kafka is slower than the publishers\"",
            closeAtBytes);
      }
      // Kafka may have answered all records after the bytes were compared with the bound and before
      // the ingress was marked as full: then no answer is left that would open it.
      openIfDrained(bytesOnTheWay.get());
    }
  }

  private void openIfDrained(long left) {
    if (left <= openAtBytes && full.compareAndSet(true, false)) {
      notifyLoopsIfOpen();
    }
  }

  private void notifyLoopsIfOpen() {
    if (isOpen()) {
      for (LoopContext loop : loops) {
        loop.eventLoop().execute(loop::ingressOpened);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // asks whether it is the current producer
  private void replaceIfCurrent(Lane failed) {
    if (!stopping && failed == current && replacing.compareAndSet(false, true)) {
      Thread.ofVirtual().name("ingress-replacement").start(() -> replace(failed));
    }
  }

  private void replace(Lane failed) {
    Lane fresh = replacement.replace(failed);
    if (fresh == null) {
      failed.take().forEach(each -> answer(each, NO_METADATA, abandoned()));
      return;
    }
    if (stopping) {
      fresh.close(CLOSE_TIMEOUT);
      return;
    }
    replacing.set(false);
    log.info("appending goes on");
    if (fresh.hasFailed()) {
      replaceIfCurrent(fresh);
    }
    notifyLoopsIfOpen();
  }

  /** Says nothing of Kafka: the record was not sent. */
  private static final class AbandonedException extends KafkaException {

    private static final long serialVersionUID = 1L;

    private AbandonedException() {
      super("the publisher's connection has ended");
    }
  }

  /** The callback of a QoS 0 message: reports only that Kafka refused the message for itself. */
  private record AtMostOnce(AckQueue queue) implements Callback {
    @Override
    public void onCompletion(RecordMetadata metadata, @Nullable Exception error) {
      if (error instanceof AppendRefusedException) {
        new Append(queue, Append.AT_MOST_ONCE).onCompletion(metadata, error);
      }
    }
  }
}
