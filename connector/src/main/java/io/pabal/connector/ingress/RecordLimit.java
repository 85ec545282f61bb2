// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.schemas.TopicCatalogue;
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
 * How large a record {@code messages} takes, so that a larger one is refused before it is appended.
 *
 * <p>It is the least of Pabal's own bound, the topic's {@code max.message.bytes} (where the topic
 * has none, every broker's {@code message.max.bytes}), read at the start, every {@value
 * #REFRESH_SECONDS} s and after a refusal; and, for {@value #LEARNED_MINUTES} minutes, what was
 * refused all the same: an interceptor or a proxy may have a limit that nothing tells of. Any
 * thread.
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

  /** The limit of a Kafka that is not asked. */
  static RecordLimit fixed(int bytesMax) {
    return new RecordLimit(bytesMax, OptionalInt::empty, () -> {});
  }

  /**
   * Reads the limit, at most {@code ownBytesMax}, and goes on reading it. Blocks for 5 s at most.
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

  /** Bytes of a record, as {@link RecordSize} counts them, that are taken. */
  int bytesMax() {
    return bytesMax;
  }

  /** Kafka refused a record of this size for its size. */
  synchronized void refused(int recordBytes) {
    learnedBytesMax = Math.min(learnedBytesMax, recordBytes - 1);
    learnedUntilNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(LEARNED_MINUTES);
    settle();
  }

  /** Reads the limit again; what cannot be read stays as it was. Blocks for 5 s at most. */
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
      // Whatever it is, a periodic task that throws would never run again.
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
    // The answer is that of one broker. Each has its own default.
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
