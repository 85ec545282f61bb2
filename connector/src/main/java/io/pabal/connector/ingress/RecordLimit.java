// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.FatalError;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The size of the largest record that {@code messages} accepts, so that a larger record is refused
 * before it is appended. Thread-safe.
 *
 * <p>The limit is the least of three bounds:
 *
 * <ul>
 *   <li>Pabal's own bound.
 *   <li>The topic's {@code max.message.bytes}; where the topic does not set it, the least {@code
 *       message.max.bytes} of all brokers. It is read at the start, every {@value #REFRESH_SECONDS}
 *       s, and when a producer has failed because Kafka refused a record.
 *   <li>For {@value #LEARNED_MINUTES} minutes, less than the smallest record that Kafka refused for
 *       its size: an interceptor or a proxy may have a limit that cannot be read anywhere.
 * </ul>
 */
final class RecordLimit implements AutoCloseable {

  static final int REFRESH_SECONDS = 10;
  private static final int LEARNED_MINUTES = 10;

  private static final Logger log = LoggerFactory.getLogger(RecordLimit.class);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
  private static final ConfigResource TOPIC =
      new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.MESSAGES);

  private final int ownBytesMax;
  private final Supplier<OptionalInt> configured;
  private final AutoCloseable source;
  private final ScheduledExecutorService refresher;
  private volatile int bytesMax;
  private int configuredBytesMax;
  private int learnedBytesMax = Integer.MAX_VALUE;
  private long learnedUntilNanos;
  private boolean unreadable;

  private RecordLimit(int ownBytesMax, Supplier<OptionalInt> configured, AutoCloseable source) {
    this.ownBytesMax = ownBytesMax;
    this.configured = configured;
    this.source = source;
    this.bytesMax = ownBytesMax;
    this.configuredBytesMax = ownBytesMax;
    this.refresher =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("record-limit").factory());
  }

  /** A limit that starts at {@code bytesMax} and reads no configuration of Kafka. */
  static RecordLimit fixed(int bytesMax) {
    return new RecordLimit(bytesMax, OptionalInt::empty, () -> {});
  }

  /**
   * Reads the limit, which is at most {@code ownBytesMax}, and then reads it periodically. Blocks
   * for at most 5 s for each of up to three questions to Kafka. Does not throw when Kafka does not
   * answer: the limit is {@code ownBytesMax} then.
   */
  static RecordLimit of(String bootstrapServers, int ownBytesMax) {
    Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "record-limit"));
    var limit = new RecordLimit(ownBytesMax, () -> read(admin), () -> admin.close(ANSWER_MAX));
    limit.refresh();
    var _ =
        limit.refresher.scheduleWithFixedDelay(
            limit::refresh, REFRESH_SECONDS, REFRESH_SECONDS, TimeUnit.SECONDS);
    return limit;
  }

  /** Bytes of the largest record that is accepted, as {@link RecordSize} counts them. */
  int bytesMax() {
    return bytesMax;
  }

  /** Notes that Kafka refused a record of {@code recordBytes} because of its size. */
  synchronized void refused(int recordBytes) {
    learnedBytesMax = Math.min(learnedBytesMax, recordBytes - 1);
    learnedUntilNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(LEARNED_MINUTES);
    settle();
  }

  /**
   * Reads the limit again; it stays as it was when it cannot be read. Blocks for at most 5 s for
   * each of up to three questions to Kafka.
   */
  void refresh() {
    try {
      OptionalInt found = configured.get();
      synchronized (this) {
        unreadable = false;
        configuredBytesMax = found.orElse(configuredBytesMax);
        settle();
      }
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      // Every failure is caught, because a periodic task that throws is never run again.
      unreadable(e);
    }
  }

  @Override
  public void close() {
    refresher.shutdownNow();
    try {
      source.close();
    } catch (Exception e) {
      log.warn("client not closed reason=\"{}\"", e.toString());
    }
  }

  private synchronized void unreadable(Throwable e) {
    if (!unreadable && !refresher.isShutdown()) {
      unreadable = true;
      log.warn(
          "limit of records not read, the last one stays topic={} bytesMax={} reason=\"{}\"",
          TopicCatalogue.MESSAGES,
          bytesMax,
          e.toString());
    }
  }

  private void settle() {
    if (System.nanoTime() - learnedUntilNanos >= 0) {
      learnedBytesMax = Integer.MAX_VALUE;
    }
    int now = Math.min(ownBytesMax, Math.min(configuredBytesMax, learnedBytesMax));
    if (now != bytesMax) {
      log.info(
          "limit of records topic={} bytesMax={} was={}", TopicCatalogue.MESSAGES, now, bytesMax);
      bytesMax = now;
    }
  }

  private static OptionalInt read(Admin admin) {
    Config topic = describe(admin, List.of(TOPIC)).get(TOPIC);
    ConfigEntry limit = topic == null ? null : topic.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    if (limit == null || limit.value() == null) {
      return OptionalInt.empty();
    }
    int bytesMax = Integer.parseInt(limit.value());
    if (limit.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG) {
      return OptionalInt.of(bytesMax);
    }
    // This value is the default of the broker that answered. Each broker has its own default.
    List<ConfigResource> brokers =
        await(admin.describeCluster().nodes()).stream()
            .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
            .toList();
    for (Config broker : describe(admin, brokers).values()) {
      ConfigEntry entry = broker.get("message.max.bytes");
      if (entry != null && entry.value() != null) {
        bytesMax = Math.min(bytesMax, Integer.parseInt(entry.value()));
      }
    }
    return OptionalInt.of(bytesMax);
  }

  private static Map<ConfigResource, Config> describe(Admin admin, List<ConfigResource> what) {
    return await(admin.describeConfigs(what).all());
  }

  private static <T> T await(KafkaFuture<T> answer) {
    try {
      return answer.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("no answer within " + ANSWER_MAX.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
