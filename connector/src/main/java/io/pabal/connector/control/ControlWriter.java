// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.delivery.Address;
import io.pabal.connector.delivery.AddressTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Location;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is not a message: locations and session events. One thread and one producer of their
 * own, so that callers on event loops only put something into a queue, in the order in which it has
 * to be written.
 *
 * <p>A location that the router has not answered is written again every {@value #RETRY_SECONDS}
 * seconds: it may have been lost with a router, or a router may have refused it because it did not
 * know this connector's topic yet. Records are retried for ever; while Kafka is away the queue
 * grows with what clients subscribe to and connect, so new connections are refused beyond {@value
 * #BACKLOG_MAX} records ({@link #isOverloaded}).
 */
public final class ControlWriter implements AddressTable.Announcer {

  private static final Logger log = LoggerFactory.getLogger(ControlWriter.class);

  private static final int BACKLOG_MAX = 100_000;
  private static final int RETRY_SECONDS = 5;
  private static final int BATCH_MAX = 1_000;

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final String connectorId;
  private final long incarnation;
  private final KafkaProducer<byte[], byte[]> producer;
  private final LinkedBlockingQueue<ProducerRecord<byte[], byte[]>> queue =
      new LinkedBlockingQueue<>();
  private final ConcurrentHashMap<Address, Long> unanswered = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean stopping;

  /** A writer for this connector and incarnation; {@link #start} begins to write. */
  public ControlWriter(String connectorId, long incarnation, String bootstrapServers) {
    this.connectorId = connectorId;
    this.incarnation = incarnation;
    this.producer =
        new KafkaProducer<>(
            settings(bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer());
    this.thread = Thread.ofPlatform().name("control").unstarted(this::run);
  }

  static Map<String, Object> settings(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "control");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Integer.MAX_VALUE);
    return settings;
  }

  /** Begins to write. */
  public void start() {
    thread.start();
  }

  /** Completes when the writer has ended: exceptionally when it did so by itself. */
  public CompletableFuture<Void> terminated() {
    return terminated;
  }

  /** Whether so much waits to be written that no new client should be let in. Any thread. */
  public boolean isOverloaded() {
    return queue.size() > BACKLOG_MAX;
  }

  @Override
  public void announce(Address address) {
    unanswered.put(address, System.nanoTime());
    queue.add(location(address, true));
  }

  @Override
  public void withdraw(Address address) {
    unanswered.remove(address);
    queue.add(location(address, false));
  }

  /** The router has answered: the location need not be written again. Any thread. */
  public void answered(Address address) {
    unanswered.remove(address);
  }

  /** Writes a session event. Any thread. */
  public void event(SessionEvent event) {
    queue.add(
        new ProducerRecord<>(
            TopicCatalogue.SESSIONS,
            utf8(event.getClientId()),
            Codecs.SESSION_EVENT.encode(event)));
  }

  /** Writes what is queued and stops; waits for Kafka at most twice {@link #STOP_TIMEOUT}. */
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
      List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
      while (!stopping || !queue.isEmpty()) {
        ProducerRecord<byte[], byte[]> first =
            queue.poll(stopping ? 0 : 200, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH_MAX - 1);
          batch.forEach(this::send);
          batch.clear();
        }
        announceAgain();
      }
      terminated.complete(null);
    } catch (Throwable e) {
      terminated.completeExceptionally(e);
    }
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    var _ =
        producer.send(
            record,
            (metadata, error) -> {
              if (error != null && !stopping) {
                // Never given up by time, so this is final: the records after it cannot be trusted
                // to mean what they say.
                log.error("control record lost topic={}", record.topic(), error);
                terminated.completeExceptionally(error);
              }
            });
  }

  private void announceAgain() {
    if (unanswered.isEmpty()) {
      return;
    }
    long nowNanos = System.nanoTime();
    unanswered.forEach(
        (address, sentNanos) -> {
          if (nowNanos - sentNanos > TimeUnit.SECONDS.toNanos(RETRY_SECONDS)
              && unanswered.replace(address, sentNanos, nowNanos)) {
            log.info("location announced again address={}", address.name());
            queue.add(location(address, true));
          }
        });
  }

  private ProducerRecord<byte[], byte[]> location(Address address, boolean present) {
    Location location = new Location(connectorId, incarnation, address.activation(), present);
    return new ProducerRecord<>(
        TopicCatalogue.LOCATIONS,
        address.partition(),
        utf8(address.name()),
        Codecs.LOCATION.encode(location));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
