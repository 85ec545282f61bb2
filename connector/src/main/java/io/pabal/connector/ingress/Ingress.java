// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.SendSpan;
import io.pabal.connector.tracing.Tracing;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.Partitions;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.KafkaProblem;
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
 * Metadata is fetched at the start and never evicted. Buffer memory cannot run out: the bytes on
 * their way are counted here, and beyond {@code appendBytesMax} the ingress is closed, so
 * connections stop reading; the producer has more than twice that. Should it block all the same,
 * {@code max.block.ms=0} turns that into an append that failed. The ingress opens again at half of
 * the bound, and then tells every event loop. Each record is kept until it is answered, beside the
 * producer's own copy: so up to {@code appendBytesMax} more.
 *
 * <h2>Why a failed append leaves no hole</h2>
 *
 * <p>When a batch fails for good, an idempotent producer goes on with those queued behind it: later
 * messages of the same publisher would be in Kafka before the failed one is sent again. So the
 * first failure ends the producer, on its own thread, before it can send more. A new producer takes
 * over when the old one has answered for all; until then the ingress is closed. What becomes of
 * what the old one leaves unanswered depends on the first failure:
 *
 * <ul>
 *   <li>Kafka does not take a message in time, or takes nothing at all: every append that was under
 *       way fails, every publisher concerned is closed ({@link AckQueue#fail} keeps its next
 *       message from reaching the next producer) and sends again what was not acknowledged, in
 *       order.
 *   <li>Kafka refused a record for itself (it is too large, or invalid): only its publisher pays.
 *       All other records are sent again in order through the new producer, and their publishers
 *       notice nothing; {@link Replacement} says why that is safe. A QoS 0 message may reach Kafka
 *       twice then, when it was on its way to another broker in that moment.
 * </ul>
 *
 * <p>What the producer refuses in the call of {@code send}, before it has given the record a
 * sequence number, left no hole and ends no producer. And most of what Kafka would refuse comes to
 * neither: {@link RecordLimit} knows it, and {@link #append} says so.
 */
public final class Ingress implements AutoCloseable {

  /**
   * Bytes of a record in {@code messages}, whatever the topic takes: a little under Kafka's
   * default, which leaves room for what the router adds.
   */
  public static final int MESSAGE_BYTES_MAX = 1_000_000;

  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  static final RecordMetadata NO_METADATA =
      new RecordMetadata(new TopicPartition(TopicCatalogue.MESSAGES, -1), -1, -1, -1, -1, -1);

  private static final Logger log = LoggerFactory.getLogger(Ingress.class);

  private final RecordLimit limit;
  private final AvroCodec<Message> codec;
  private final int partitions;
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

  /** Connects to Kafka and fetches the metadata and the limits of {@code messages}; blocks. */
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
   * An ingress that appends through another kind of producer, which takes records up to {@link
   * #MESSAGE_BYTES_MAX}.
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
    this(config, codec, loops, metrics, tracing, RecordLimit.fixed(MESSAGE_BYTES_MAX), producers);
  }

  /**
   * @param producers null: Kafka's
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
    this.partitions = config.topics().partitions();
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
   * Whether messages may be appended now. When not, {@link LoopContext#awaitIngress} tells when to
   * go on.
   */
  public boolean isOpen() {
    return !full.get() && !replacing.get();
  }

  /**
   * Appends {@code message}.
   *
   * @param packetId the message's at QoS 1, whose answer goes to {@code queue}; 0 at QoS 0, which
   *     is sent and forgotten, unless Kafka refuses it for itself
   * @return why the message cannot be appended, and then nothing happened; null when it is
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
    int partition = Partitions.of(key, partitions);
    SendSpan span = tracing == null ? null : tracing.send(message, partition, value.length);
    Headers headers = span == null ? null : span.headers();
    int bytesWithHeaders = span == null ? bytes : RecordSize.of(key.length, value.length, headers);
    if (bytesWithHeaders > limit.bytesMax()) {
      // It fits without the trace context, which must not be what it is refused for.
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

  /** Sends a record that is counted already, for the first time or again. */
  void send(RecordUnderWay record, Lane through) {
    record.through(through);
    try {
      var _ = through.producer().send(record.record(), record);
    } catch (RuntimeException e) {
      // What the producer throws instead of handing it to the callback: a fatal state, or that it
      // is closed.
      record.onCompletion(NO_METADATA, e);
    }
  }

  /** The final answer to a record. Any thread. */
  void answer(RecordUnderWay record, RecordMetadata metadata, @Nullable Exception error) {
    // First the publisher's queue, so that none of its later messages meets the next producer.
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

  /** The final answer to a record that Kafka refused for itself. Any thread. */
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

  /** The final answer to a record that is not appended for its own sake. Any thread. */
  void refuse(RecordUnderWay record, AppendRefusedException refusal) {
    answer(record, NO_METADATA, refusal);
  }

  /**
   * A producer did not take a record.
   *
   * @param inCall whether it said so in the call of {@code send}
   */
  void failed(RecordUnderWay record, Lane through, Exception error, boolean inCall) {
    if (inCall && Lane.isRecordsOwn(error)) {
      // It has no sequence number yet, so it leaves no hole.
      refuseFor(record, error);
      return;
    }
    boolean first = through.fail(error);
    if (first && !inCall) {
      // On the producer's own thread this returns at once, and nothing more is sent. What the
      // producer refused in the call never entered it, so it left no hole.
      through.close(Duration.ZERO);
    }
    if (stopping || !through.failedByRecord()) {
      answer(record, NO_METADATA, error);
    } else if (!through.keep(record)) {
      send(record, current);
    }
    if (first) {
      log.warn(
          "a producer failed reason=\"{}\" effect=\"{}\"",
          error.toString(),
          through.failedByRecord()
              ? "the refused record's publisher is told"
              : "publishers that wait are closed");
      replaceIfCurrent(through);
    }
  }

  /** The answer to messages of a publisher whose connection is given up anyhow. */
  static Exception abandoned() {
    return new AbandonedException();
  }

  /** From now on messages are sent through this one. */
  void use(Lane fresh) {
    current = fresh;
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
    tellOpen();
  }

  /** Says nothing of Kafka: the record was not sent. */
  private static final class AbandonedException extends KafkaException {

    private static final long serialVersionUID = 1L;

    private AbandonedException() {
      super("the publisher's connection has ended");
    }
  }

  /** What becomes of a QoS 0 message: nobody is told, unless it was refused for itself. */
  private record AtMostOnce(AckQueue queue) implements Callback {
    @Override
    public void onCompletion(RecordMetadata metadata, @Nullable Exception error) {
      if (error instanceof AppendRefusedException) {
        new Append(queue, Append.AT_MOST_ONCE).onCompletion(metadata, error);
      }
    }
  }
}
