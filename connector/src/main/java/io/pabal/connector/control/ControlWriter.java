// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.control.ControlBacklog.Event;
import io.pabal.connector.control.ControlBacklog.LocationChange;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Location;
import io.pabal.schemas.LocationCheck;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.topic.Partitions;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Stall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the connector's records that are not messages: locations and session events. The writer
 * has a thread and a producer of its own, so that callers on event loops only add to a {@link
 * ControlBacklog}.
 *
 * <p>A location that the router has not answered {@value #RETRY_SECONDS} seconds after Kafka took
 * it is written again. It may have been lost with a router, or a router may have refused it because
 * it did not know this connector's topic yet. A check is written with it, which asks for an answer
 * even if the row is there: the answer itself may have been lost.
 *
 * <h2>While Kafka is away</h2>
 *
 * <p>Records are retried for ever, and none is dropped. The producer holds at most {@value
 * #IN_FLIGHT_MAX} records. It also holds at most half of the bytes that session events may have,
 * but may always hold {@value #PRODUCER_BYTES_MIN} bytes. All other records wait in the backlog:
 *
 * <ul>
 *   <li>at most one location for each feed that has subscriptions now or had them when Kafka went
 *       away;
 *   <li>session events of as many bytes as messages may have on their way ({@code
 *       kafka.appendBytesMax}), but at least {@value #EVENT_BYTES_MIN} and at most {@value
 *       #EVENT_BYTES_MAX}. Beyond that {@link #isOverloaded} says that no client may connect,
 *       subscribe or unsubscribe, until the producer has taken half of them.
 * </ul>
 */
public final class ControlWriter implements FeedTable.Announcer {

  private static final Logger log = LoggerFactory.getLogger(ControlWriter.class);

  /** About 100,000 events. */
  private static final long EVENT_BYTES_MAX = 32L << 20;

  /** Enough for some large events, even if messages may have fewer bytes. */
  private static final long EVENT_BYTES_MIN = 1L << 20;

  /** How long an event is held back, so that the events of many sessions reach Kafka together. */
  private static final long EVENTS_GATHER_MILLIS = 20;

  private static final int IN_FLIGHT_MAX = 10_000;

  /** Enough for two records of the largest size that Kafka takes. */
  private static final long PRODUCER_BYTES_MIN = 2L << 20;

  private static final int BATCH_MAX = 1_000;
  private static final long WAIT_MILLIS = 200;
  private static final int RETRY_SECONDS = 5;
  private static final long RETRY_SCAN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  /** Stands for the time of a location that Kafka has not taken yet: its retry time is not set. */
  private static final long NOT_WRITTEN = Long.MIN_VALUE;

  private final String connectorId;
  private final long incarnation;
  private final int partitions;
  private final Codecs codecs;
  private final byte[] check;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Runnable onOverloadEnd;
  private final long eventBytesMax;
  private final ControlBacklog backlog;
  private final AnswerSample sample;
  private final Semaphore inFlightPermits = new Semaphore(IN_FLIGHT_MAX);

  /**
   * The feeds that the router has not answered, each with the time at which Kafka took the
   * location, by {@link System#nanoTime}.
   */
  private final ConcurrentHashMap<Feed, Long> unanswered = new ConcurrentHashMap<>();

  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final Stall stall = new Stall(sent::sum, answered::sum);
  private final LongAdder announcedAgain = new LongAdder();
  private Runnable refresh = () -> {};
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();
  private final Thread thread;
  private long scannedNanos = System.nanoTime();
  private volatile boolean stopping;

  /**
   * A writer for this connector and incarnation; {@link #start} begins to write.
   *
   * @param partitions the number of partitions of {@code sessions}
   * @param appendBytesMax bytes of messages that may be on their way to Kafka
   * @param onOverloadEnd called on the writer's thread when {@link #isOverloaded} ends; must not
   *     block
   * @param onAnswer gets the time, in nanoseconds, from the first announcement of an address until
   *     the router's answer, for some of the addresses; called by any thread, must not block
   */
  public ControlWriter(
      String connectorId,
      long incarnation,
      String bootstrapServers,
      int partitions,
      Codecs codecs,
      long appendBytesMax,
      Runnable onOverloadEnd,
      LongConsumer onAnswer) {
    this.connectorId = connectorId;
    this.incarnation = incarnation;
    this.partitions = partitions;
    this.codecs = codecs;
    this.onOverloadEnd = onOverloadEnd;
    this.sample = new AnswerSample(onAnswer);
    this.eventBytesMax = Math.clamp(appendBytesMax, EVENT_BYTES_MIN, EVENT_BYTES_MAX);
    this.backlog = new ControlBacklog(eventBytesMax, EVENTS_GATHER_MILLIS);
    this.check = codecs.location().encode(LocationCheck.of(connectorId));
    Map<String, Object> settings = settings(bootstrapServers);
    settings.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(PRODUCER_BYTES_MIN, eventBytesMax / 2));
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    this.thread = Thread.ofPlatform().name("control").unstarted(this::run);
  }

  static Map<String, Object> settings(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "control");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // A partition without state of a producer accepts any sequence number as the first. So, of two
    // requests in flight, the second may be accepted although the first was refused by a broker
    // that was not the leader yet. Then records change places, and the first request is retried in
    // vain for ever. With one request in flight neither happens.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Integer.MAX_VALUE);
    return settings;
  }

  /**
   * Begins to write. Called once.
   *
   * @param refresh run on the writer's thread several times a second, but not while Kafka takes no
   *     records; must not block
   */
  public void start(Runnable refresh) {
    this.refresh = refresh;
    thread.start();
  }

  /**
   * Completes when the writer has ended: exceptionally when it failed, or when {@link #stop} had to
   * interrupt it. Any thread.
   */
  public CompletableFuture<Void> terminated() {
    return terminated;
  }

  /**
   * Whether so many events wait for Kafka that no client may connect, subscribe or unsubscribe. Any
   * thread.
   */
  public boolean isOverloaded() {
    return backlog.isFull();
  }

  /** Whether so many events wait for Kafka that optional events should be left out. Any thread. */
  public boolean isBusy() {
    return backlog.isBusy();
  }

  /**
   * Seconds for which Kafka has taken none of the records that it was sent. Any thread; see {@link
   * Stall}.
   */
  public double stalledSeconds() {
    return stall.seconds(System.nanoTime());
  }

  @Override
  public void announce(Feed feed) {
    unanswered.put(feed, NOT_WRITTEN);
    sample.announced(feed, System.nanoTime());
    backlog.announce(feed);
  }

  @Override
  public void announceAgain(Feed feed) {
    backlog.announceAgain(feed);
  }

  @Override
  public void withdraw(Feed feed) {
    // Before the withdrawal, so that the feed is not announced again after it.
    unanswered.remove(feed);
    sample.withdrawn(feed);
    backlog.withdraw(feed);
  }

  /** The router has answered: the location need not be written again. Any thread. */
  public void answered(Feed feed) {
    unanswered.remove(feed);
    sample.answered(feed, System.nanoTime());
  }

  /** Queues a session event. Any thread; never blocks, never drops the event. */
  public void event(SessionEvent event) {
    backlog.add(new Event(utf8(event.getClientId()), codecs.sessionEvent().encode(event)));
  }

  /** Binds the gauges of records that wait to be written, and of locations without an answer. */
  public void bindTo(Meters meters) {
    meters.gauge(
        "pabal.connector.control.event.bytes",
        "Memory of the session events that wait to be written",
        backlog::eventBytes);
    meters.gauge(
        "pabal.connector.control.event.bytes.max",
        "Memory beyond which nobody may connect, subscribe or unsubscribe",
        () -> eventBytesMax);
    meters.gauge(
        "pabal.connector.control.locations",
        "Feeds about which something waits to be written",
        backlog::locationCount);
    meters.gauge(
        "pabal.connector.control.unanswered",
        "Feeds that the router has not answered yet",
        unanswered::size);
    meters.counter(
        "pabal.connector.control.announced.again",
        "Locations written again because the router did not answer in time",
        announcedAgain);
    meters.gauge(
        "pabal.connector.control.records",
        "Records that the producer has and Kafka has not taken",
        () -> IN_FLIGHT_MAX - inFlightPermits.availablePermits());
    meters.gauge(
        "pabal.connector.control.records.max",
        "Records that the producer may have",
        () -> IN_FLIGHT_MAX);
    KafkaClientMeters.bind(meters, "control", producer::metrics);
  }

  /** Writes the queued records and stops. Blocks for at most twice {@link #STOP_TIMEOUT}. */
  public void stop() throws InterruptedException {
    stopping = true;
    thread.join(STOP_TIMEOUT);
    if (thread.isAlive()) {
      thread.interrupt();
    }
    producer.close(STOP_TIMEOUT);
  }

  private void run() {
    try {
      while (!stopping || !backlog.isEmpty()) {
        boolean overloaded = backlog.isFull();
        ControlBacklog.Batch batch = backlog.take(BATCH_MAX, stopping ? 0 : WAIT_MILLIS);
        if (overloaded && !backlog.isFull()) {
          onOverloadEnd.run();
        }
        for (LocationChange change : batch.locations()) {
          send(location(change.feed(), change.present()), () -> written(change));
          if (change.again() && !change.feed().isActive()) {
            send(record(change.feed(), check), () -> {});
          }
        }
        for (Event event : batch.events()) {
          send(
              new ProducerRecord<>(
                  TopicCatalogue.SESSIONS,
                  Partitions.of(event.clientId(), partitions),
                  event.clientId(),
                  event.value()),
              () -> {});
        }
        announceUnanswered();
        if (!stopping) {
          refresh.run();
        }
      }
      terminated.complete(null);
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      terminated.completeExceptionally(e);
    }
  }

  private void send(ProducerRecord<byte[], byte[]> record, Runnable onWritten)
      throws InterruptedException {
    inFlightPermits.acquire();
    sent.increment();
    var _ =
        producer.send(
            record,
            (metadata, error) -> {
              inFlightPermits.release();
              answered.increment();
              if (error == null) {
                onWritten.run();
              } else if (!stopping) {
                // The producer never gives up because of time, so the error is final. Without the
                // lost record, the records behind it may be wrong.
                // All records in flight may fail with the first: one log line is enough.
                if (terminated.completeExceptionally(error)) {
                  log.error("control record lost topic={}", record.topic(), error);
                }
              }
            });
  }

  private void written(LocationChange change) {
    if (change.present()) {
      unanswered.replace(change.feed(), NOT_WRITTEN, System.nanoTime());
    }
  }

  private void announceUnanswered() {
    long nowNanos = System.nanoTime();
    if (unanswered.isEmpty() || nowNanos - scannedNanos < RETRY_SCAN_NANOS) {
      return;
    }
    scannedNanos = nowNanos;
    long before = announcedAgain.sum();
    for (Feed each : unanswered.keySet()) {
      // Atomic with the removal in withdraw: a withdrawn feed is not announced again.
      unanswered.computeIfPresent(
          each,
          (feed, writtenNanos) -> {
            if (writtenNanos == NOT_WRITTEN
                || nowNanos - writtenNanos < TimeUnit.SECONDS.toNanos(RETRY_SECONDS)) {
              return writtenNanos;
            }
            announcedAgain.increment();
            backlog.announceAgain(feed);
            return NOT_WRITTEN;
          });
    }
    long count = announcedAgain.sum() - before;
    if (count > 0) {
      log.info(
          "locations announced again, the router has not answered count={} unanswered={}",
          count,
          unanswered.size());
    }
  }

  private ProducerRecord<byte[], byte[]> location(Feed feed, boolean present) {
    Location location = new Location(connectorId, incarnation, feed.activation(), present);
    return record(feed, codecs.location().encode(location));
  }

  private static ProducerRecord<byte[], byte[]> record(Feed feed, byte[] location) {
    return new ProducerRecord<>(
        TopicCatalogue.LOCATIONS, feed.partition(), utf8(feed.name()), location);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
