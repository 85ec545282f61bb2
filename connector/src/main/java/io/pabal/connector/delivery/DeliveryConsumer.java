// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.LoopEvent.Activation;
import io.pabal.connector.delivery.LoopEvent.Rewinding;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.DeliverySpan;
import io.pabal.connector.tracing.Tracing;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Drain;
import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.DeliveryHeader.Kick;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.Message;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.StallDetector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads this connector's deliveries topic and hands each poll to the event loops: one task per loop
 * and poll.
 *
 * <p>The consumer has a thread of its own. The thread waits while the loops have {@value
 * #BATCHES_PER_LOOP_MAX} polls each that they have not applied yet; the records behind these polls
 * stay in Kafka. When the consumer ends by itself, {@link #terminated} completes exceptionally and
 * the connector has to stop: its sessions resume elsewhere. The consumer never skips a part of the
 * topic. It ends when its position falls out of the topic's retention, when the topic vanishes, and
 * when a newer incarnation of the same connector id appears. It skips single records that cannot be
 * decoded, counts them and logs them.
 */
public final class DeliveryConsumer {

  private static final Logger log = LoggerFactory.getLogger(DeliveryConsumer.class);

  private static final int BATCHES_PER_LOOP_MAX = 4;
  private static final Duration POLL_MAX = Duration.ofMillis(500);

  /** Kafka answers a fetch within half a second, even when there are no records. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(10);

  private static final Duration TOPIC_CHECK_INTERVAL = Duration.ofSeconds(10);

  /** Receives records that are not messages. Called on the consumer's thread; must not block. */
  public interface Signals {
    /** Another connector has claimed the session under {@code epoch}. */
    void evicted(String clientId, long epoch);

    /**
     * An operator ends the session if its claim is not newer than {@code epoch}.
     *
     * @param forget whether the session's state is deleted, too
     */
    void kicked(String clientId, long epoch, boolean forget);

    /** An operator asks this incarnation to drain. */
    void drainAsked();

    /** The router has answered for the feed: for the first time, or with a head not seen yet. */
    void activated(Feed feed);

    /**
     * A record of the connectors topic, about this or another connector.
     *
     * @param value null for a tombstone
     * @return why this incarnation has to stop, or null when it may go on
     */
    @Nullable String connectorChanged(String connectorId, byte @Nullable [] value);

    /**
     * Tries again to decode a record of the topic {@code connectors} whose schema was not known
     * yet. Called about every 10 seconds.
     *
     * @return as {@link #connectorChanged}
     */
    default @Nullable String connectorStateDecoded() {
      return null;
    }
  }

  private final Consumer<byte[], byte[]> consumer;
  private final String deliveriesTopic;
  private final long incarnation;
  private final FeedTable feeds;
  private final AvroCodec<Message> codec;
  private final List<LoopContext> loops;
  private final Signals signals;
  private final ConnectorMetrics metrics;

  /** Null: off. */
  private final @Nullable Tracing tracing;

  private final DeliveryRings rings;
  private final OlderRows olderRows;
  private final Semaphore batchPermits;
  private final Thread thread;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();
  private final StallDetector reading;
  private volatile boolean stopping;
  private long topicCheckedNanos = System.nanoTime();

  /**
   * A consumer over {@code consumer}, which is assigned and positioned already. This object closes
   * it. {@link #start} begins to read.
   *
   * @param rings keeps recent deliveries; used by this consumer only
   * @param tracing null: off
   */
  public DeliveryConsumer(
      Consumer<byte[], byte[]> consumer,
      String deliveriesTopic,
      long incarnation,
      FeedTable feeds,
      AvroCodec<Message> codec,
      List<LoopContext> loops,
      Signals signals,
      ConnectorMetrics metrics,
      DeliveryRings rings,
      @Nullable Tracing tracing) {
    this.consumer = consumer;
    this.deliveriesTopic = deliveriesTopic;
    this.incarnation = incarnation;
    this.feeds = feeds;
    this.codec = codec;
    this.loops = loops;
    this.signals = signals;
    this.metrics = metrics;
    this.tracing = tracing;
    this.rings = rings;
    this.olderRows = new OlderRows(feeds);
    this.batchPermits = new Semaphore(loops.size() * BATCHES_PER_LOOP_MAX);
    this.reading =
        new StallDetector(
            () ->
                KafkaClientMeters.figure(
                    consumer.metrics(), "consumer-fetch-manager-metrics", "fetch-total"),
            SILENCE_MAX);
    this.thread = Thread.ofPlatform().name("deliveries").unstarted(this::run);
  }

  /** Begins to read. Called once. */
  public void start() {
    thread.start();
  }

  /** Completes when the consumer has ended: exceptionally when it was not stopped. Any thread. */
  public CompletableFuture<Void> terminated() {
    return terminated;
  }

  /**
   * Whether Kafka answers fetches and the consumer sends new ones. Any thread; see {@link
   * StallDetector}.
   */
  public boolean isReading() {
    return reading.goesOn(System.nanoTime());
  }

  /** Binds the gauges of polls not applied yet, and the figures of the Kafka client. */
  public void bindTo(Meters meters) {
    int batchesMax = loops.size() * BATCHES_PER_LOOP_MAX;
    meters.gauge(
        "pabal.connector.delivery.batches",
        "Polls that event loops have not applied yet, one for each loop and poll",
        () -> batchesMax - batchPermits.availablePermits());
    meters.gauge(
        "pabal.connector.delivery.batches.max",
        "Polls beyond which nothing more is read from the deliveries topic",
        () -> batchesMax);
    KafkaClientMeters.bind(meters, "deliveries", consumer::metrics);
  }

  /** Stops reading and closes the Kafka consumer. Blocks until the consumer's thread has ended. */
  public void stop() throws InterruptedException {
    stopping = true;
    consumer.wakeup();
    if (thread.getState() == Thread.State.NEW) {
      consumer.close();
      return;
    }
    thread.join();
  }

  private void run() {
    try (consumer) {
      while (!stopping) {
        dispatch(consumer.poll(POLL_MAX));
        checkTopic();
      }
      terminated.complete(null);
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      if (stopping) {
        terminated.complete(null);
      } else {
        terminated.completeExceptionally(e);
      }
    }
  }

  /** Hands one poll to the event loops. Blocks while they are too far behind. */
  void dispatch(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
    List<LoopEvent> events = new ArrayList<>(records.count());
    long nowMillis = BrokerTime.millis();
    rings.beginPoll(System.nanoTime());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        take(record, nowMillis, events);
      } catch (MalformedRecordException | SchemaPendingException e) {
        metrics.skipped.add(record.topic(), record.partition(), record.offset(), e.getMessage());
        dropRing(record);
      }
    }
    if (events.isEmpty()) {
      return;
    }
    awaitBatchPermits();
    for (LoopContext loop : loops) {
      loop.eventLoop().execute(() -> apply(events, loop));
    }
  }

  /** It is not known what the skipped record would have said about its feed. */
  private void dropRing(ConsumerRecord<byte[], byte[]> skipped) {
    if (skipped.key() != null) {
      Feed feed = feeds.find(feeds.nameOf(new String(skipped.key(), StandardCharsets.UTF_8)));
      if (feed != null) {
        rings.drop(feed);
      }
    }
  }

  private void apply(List<LoopEvent> events, LoopContext loop) {
    try {
      for (LoopEvent event : events) {
        apply(event, loop);
      }
    } finally {
      batchPermits.release();
    }
    // This task runs after the flush: the first write to a socket has queued the flush already.
    loop.eventLoop().execute(() -> written(events, loop));
  }

  /** Applies one event. A failure ends its subscribers; the rest of the poll is still applied. */
  private static void apply(LoopEvent event, LoopContext loop) {
    try {
      event.apply(loop);
    } catch (Throwable e) {
      var _ = loop.caught(e);
      log.error("delivery not applied, its sessions end loop={}", loop.index(), e);
      event.failed(loop.index(), e);
    }
  }

  private void written(List<LoopEvent> events, LoopContext loop) {
    long nowMillis = BrokerTime.millis();
    for (LoopEvent event : events) {
      try {
        event.written(loop.index(), nowMillis, metrics.deliveryDelay);
      } catch (Throwable e) {
        // Only the measurement is lost.
        var _ = loop.caught(e);
        log.warn("delivery not measured loop={}", loop.index(), e);
      }
    }
  }

  private void awaitBatchPermits() throws InterruptedException {
    while (!batchPermits.tryAcquire(loops.size(), POLL_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
      if (stopping) {
        throw new WakeupException();
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record, long nowMillis, List<LoopEvent> events) {
    if (record.key() == null) {
      throw new MalformedRecordException(record.topic() + ": a record without a key");
    }
    String key = new String(record.key(), StandardCharsets.UTF_8);
    if (!record.topic().equals(deliveriesTopic)) {
      String reason = signals.connectorChanged(key, record.value());
      if (reason != null) {
        throw new IllegalStateException(reason);
      }
      return;
    }
    switch (DeliveryHeader.of(record.headers())) {
      case Routed routed -> takeMessage(key, feeds.nameOf(key), routed, record, nowMillis, events);
      case Activated activated -> takeActivation(key, activated, events);
      case Evict(long epoch) -> signals.evicted(key, epoch);
      case Kick(long epoch, boolean forget) -> signals.kicked(key, epoch, forget);
      case Drain(long named) -> {
        if (named == incarnation) {
          signals.drainAsked();
        }
      }
      case Rewind rewind -> takeRewind(key, rewind, events);
    }
  }

  private void takeRewind(String key, Rewind rewind, List<LoopEvent> events) {
    Feed feed = feeds.findAnnounced(key);
    if (feed != null && feed.partition() == rewind.partition()) {
      events.add(new Rewinding(feed, rewind));
    }
  }

  private void takeMessage(
      String address,
      String name,
      Routed routed,
      ConsumerRecord<byte[], byte[]> record,
      long nowMillis,
      List<LoopEvent> events) {
    metrics.deliveries.increment();
    Feed feed = current(feeds.find(name), routed.incarnation(), routed.activation());
    if (feed == null) {
      metrics.deliveriesStale.increment();
      if (routed.incarnation() == incarnation) {
        olderRows.noteDelivery(name, routed.activation());
      }
      return;
    }
    if (feed.partition() != routed.partition()) {
      throw wrongPartition(feed, routed.partition());
    }
    // The invariant of Feed: a record at or below its seen position holds nothing new.
    if (routed.offset() <= feed.seen()) {
      metrics.deliveriesRepeated.increment();
      return;
    }
    try {
      MessageView message = MessageView.of(codec, record.value());
      DeliverySpan span = tracing == null ? null : tracing.deliver(record, address, routed);
      Delivery delivery =
          new Delivery(
              feed,
              address,
              routed.offset(),
              message,
              nowMillis,
              span == null ? null : span.context());
      // In the ring before the seen position is raised: DeliveryRing.
      rings.add(feed, delivery);
      events.add(span == null ? delivery : new TracedDelivery(delivery, span, loops.size()));
    } catch (SchemaPendingException e) {
      // This thread does not wait for the schema registry. The sessions read the message from the
      // timeline when it can be decoded. The sessions of an active feed do so because of this
      // event. If the feed is not active yet, its activation will include the seen position.
      metrics.deliveriesPending.increment();
      if (feed.isActive()) {
        events.add(new Activation(feed, routed.offset()));
      }
    } finally {
      feed.advance(routed.offset());
    }
  }

  private void takeActivation(String key, Activated activated, List<LoopEvent> events) {
    Feed feed = current(feeds.findAnnounced(key), activated.incarnation(), activated.activation());
    if (feed == null) {
      return;
    }
    if (feed.partition() != activated.partition()) {
      throw wrongPartition(feed, activated.partition());
    }
    // Every answer is a check: a router that restarted may have routed messages whose records never
    // left it. When the answer's head is beyond the seen position, the subscribers read the
    // timeline up to that head.
    boolean beyond = feed.advance(activated.head());
    if (beyond || !feed.isActive()) {
      feed.activate();
      signals.activated(feed);
      events.add(new Activation(feed, feed.seen()));
    }
  }

  /** Positions of another partition must not be compared with positions of the feed's own. */
  private static MalformedRecordException wrongPartition(Feed feed, int partition) {
    return new MalformedRecordException(
        "deliveries: a position of partition %d (expected: %d, which orders the feed)"
            .formatted(partition, feed.partition()));
  }

  /** {@code found} if the record belongs to this incarnation and to the present activation. */
  private @Nullable Feed current(@Nullable Feed found, long recordIncarnation, long activation) {
    return recordIncarnation == incarnation && found != null && found.activation() == activation
        ? found
        : null;
  }

  private void checkTopic() {
    if (System.nanoTime() - topicCheckedNanos < TOPIC_CHECK_INTERVAL.toNanos()) {
      return;
    }
    topicCheckedNanos = System.nanoTime();
    checkConnectorState();
    try {
      int partitions = consumer.partitionsFor(deliveriesTopic, Duration.ofSeconds(1)).size();
      if (partitions == 0) {
        throw new IllegalStateException(
            "topic "
                + deliveriesTopic
                + " vanished: nothing can be delivered here any more. Start this connector again;"
                + " it creates the topic.");
      }
      long read =
          consumer.assignment().stream()
              .filter(partition -> partition.topic().equals(deliveriesTopic))
              .count();
      if (partitions > read) {
        throw new IllegalStateException(
            "topic %s: %d partitions (expected: %d, as when this connector started). Somebody has added partitions, and routers that start from now on use them. Start this connector again; it reads all of them."
                .formatted(deliveriesTopic, partitions, read));
      }
    } catch (TimeoutException | WakeupException e) {
      log.debug("topic check postponed topic={} reason=\"{}\"", deliveriesTopic, e.toString());
    }
  }

  private void checkConnectorState() {
    String reason;
    try {
      reason = signals.connectorStateDecoded();
    } catch (MalformedRecordException e) {
      metrics.malformed.increment();
      log.warn("record skipped topic=connectors reason=\"{}\"", e.getMessage());
      return;
    }
    if (reason != null) {
      throw new IllegalStateException(reason);
    }
  }
}
