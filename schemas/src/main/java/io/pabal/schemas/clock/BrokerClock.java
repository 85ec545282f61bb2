// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the brokers' clock for {@link BrokerTime}, at the start and every {@value
 * #INTERVAL_SECONDS} s, and compares this machine's clock with it.
 *
 * <p>Kafka has no request for its time. But the broker gives each record of {@code connectors} its
 * own timestamp, and returns this timestamp to the producer. A reading is a record without a value
 * under the key {@value #KEY}, which is no connector id. Readers of the topic take the record for
 * the removal of a connector, and compaction keeps one such record.
 *
 * <p>A role does not start when the two clocks differ by more than {@value #SKEW_SECONDS_MAX} s.
 * When they come to differ while the role runs, health, log and metric show it. Nothing is lost
 * then, because all comparisons of times use {@link BrokerTime}. While Kafka does not reply, the
 * last reading holds.
 */
public final class BrokerClock implements AutoCloseable {

  /** The name of the health check. */
  public static final String CHECK = "clock";

  /** The name of the gauge of {@link #skewSeconds}. */
  public static final String SKEW_METRIC = "pabal.clock.skew.seconds";

  /** The description of this gauge. */
  public static final String SKEW_DOC = "By how much this machine's clock is ahead of the brokers'";

  /** The key of readings in {@code connectors}. */
  public static final String KEY = "#clock";

  private static final Logger log = LoggerFactory.getLogger(BrokerClock.class);

  private static final int SKEW_SECONDS_MAX = 60;
  private static final int INTERVAL_SECONDS = 30;
  private static final int TIMEOUT_SECONDS = 20;

  /** The producer's timestamp of a reading. A reply with it shows that the broker set none. */
  private static final long OWN_MILLIS = 1;

  private final String bootstrapServers;
  private final LongSupplier systemMillis;
  private final KafkaProducer<byte[], byte[]> producer;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("broker-clock").factory());
  private volatile long skewMillis;

  private BrokerClock(String bootstrapServers, LongSupplier systemMillis) {
    this.bootstrapServers = bootstrapServers;
    this.systemMillis = systemMillis;
    this.producer =
        new KafkaProducer<>(
            settings(bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Reads the brokers' clock, and continues to read it until {@link #close}. The topic {@code
   * connectors} has to exist. Blocks.
   *
   * @throws ClockException when this machine's clock is more than {@value #SKEW_SECONDS_MAX} s off,
   *     or when the topic has its producers' timestamps
   * @throws IllegalStateException when Kafka does not reply
   */
  public static BrokerClock start(String bootstrapServers) throws InterruptedException {
    return start(
        bootstrapServers, System::currentTimeMillis, TimeUnit.SECONDS.toMillis(INTERVAL_SECONDS));
  }

  /** The same, with readings every {@code intervalMillis}. */
  static BrokerClock start(String bootstrapServers, LongSupplier systemMillis, long intervalMillis)
      throws InterruptedException {
    var clock = new BrokerClock(bootstrapServers, systemMillis);
    try {
      clock.read();
      if (!clock.isRight()) {
        throw new ClockException(clock.problem());
      }
    } catch (TimeoutException | ExecutionException | KafkaException e) {
      clock.close();
      throw new IllegalStateException(
          "clock: Kafka at %s did not tell its time: %s".formatted(bootstrapServers, e.toString()),
          e);
    } catch (Throwable e) {
      clock.close();
      throw e;
    }
    var _ =
        clock.executor.scheduleWithFixedDelay(
            clock::readOrLog, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
    return clock;
  }

  /**
   * The seconds by which this machine's clock is ahead of the brokers' clock, according to the last
   * reading; negative when it is behind. Any thread.
   */
  public double skewSeconds() {
    return skewMillis / 1_000.0;
  }

  /**
   * Whether this machine's clock and the brokers' clock differ by {@value #SKEW_SECONDS_MAX} s at
   * most. Any thread.
   */
  public boolean isRight() {
    return Math.abs(skewMillis) <= TimeUnit.SECONDS.toMillis(SKEW_SECONDS_MAX);
  }

  /** The problem and its remedy, when {@link #isRight} returns false. Any thread. */
  public String problem() {
    long skew = skewMillis;
    Instant here = Instant.ofEpochMilli(systemMillis.getAsLong());
    return "clock: this machine's is %s %s the brokers' at %s: %s here, %s there (expected: at most %d s apart). Set it right, best by NTP, or theirs."
        .formatted(
            Duration.ofSeconds(Math.abs(skew) / 1_000).toString().substring(2),
            skew < 0 ? "behind" : "ahead of",
            bootstrapServers,
            here,
            here.minusMillis(skew),
            SKEW_SECONDS_MAX);
  }

  @Override
  public void close() {
    executor.shutdownNow();
    producer.close(Duration.ZERO);
  }

  /** Takes one reading, and compares the clocks. Blocks. */
  void read() throws InterruptedException, TimeoutException, ExecutionException {
    long sentMillis = systemMillis.getAsLong();
    long sentNanos = System.nanoTime();
    byte[] noValue = null;
    var reading =
        new ProducerRecord<byte[], byte[]>(
            TopicCatalogue.CONNECTORS, 0, OWN_MILLIS, KEY.getBytes(UTF_8), noValue);
    long brokerMillis = producer.send(reading).get(TIMEOUT_SECONDS, TimeUnit.SECONDS).timestamp();
    long answeredNanos = System.nanoTime();
    long answeredMillis = systemMillis.getAsLong();
    if (brokerMillis == OWN_MILLIS) {
      throw new ClockException(
          "clock: the records of %s have their producers' times (expected: %s=%s, so that the brokers' clock decides). Start this role again, which sets it."
              .formatted(
                  TopicCatalogue.CONNECTORS,
                  TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                  Topic.TIMESTAMP_TYPE));
    }
    BrokerTime.read(brokerMillis, sentNanos, answeredNanos);
    // The reply may have taken long: only a difference that no delay explains is skew.
    skewMillis =
        brokerMillis < sentMillis
            ? sentMillis - brokerMillis
            : Math.min(0, answeredMillis - brokerMillis);
  }

  private void readOrLog() {
    try {
      read();
      if (!isRight()) {
        log.error("clock wrong reason=\"{}\"", problem());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ClockException e) {
      log.error("clock not compared reason=\"{}\"", e.getMessage());
    } catch (TimeoutException | ExecutionException | RuntimeException e) {
      if (!executor.isShutdown()) {
        log.warn("clock not compared, trying again reason=\"{}\"", e.toString());
      }
    } catch (Error e) {
      // The executor would keep it to itself, and never read the clock again.
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  private static Map<String, Object> settings(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "broker-clock");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
    settings.put(ProducerConfig.ACKS_CONFIG, "1");
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 0);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64 * 1024L);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_SECONDS * 1_000L);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_SECONDS * 500);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TIMEOUT_SECONDS * 1_000);
    return settings;
  }
}
