// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.LogLimiter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deliveries topics that Kafka has. They are listed once a second in the background, and Kafka
 * is asked about a single topic before that topic is reported as missing.
 *
 * <p>The answer "missing" is stored with the time of its request, because it says nothing about
 * events after the request. The answer holds for all records that relied on the topic before that
 * time. So these records of a deleted topic cost one request together, however many they are, while
 * Kafka is asked again about a topic that a connector has just created. A listing that was in
 * progress while a topic was created does not contain the topic, and costs one more request.
 *
 * <p>This class also knows how large a record each topic accepts. These limits are read every
 * {@value #LIMITS_EVERY} s, and after a refusal.
 *
 * <p>Safe for use by many threads.
 */
public final class KnownTopics implements DeliveryTopics, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KnownTopics.class);
  private static final long REFRESH_INTERVAL_MILLIS = 1_000;
  private static final int LIMITS_EVERY = 10;
  private static final int MISSING_MAX = 10_000;

  private final Admin admin;
  private final Clock clock;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> missingSinceMillis = new ConcurrentHashMap<>();
  private final ScheduledExecutorService refresher =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pabal-router-topics").factory());
  private final LogLimiter failures =
      new LogLimiter(
          1,
          Duration.ofSeconds(10),
          count -> log.warn("could not refresh the known topics again leftOut={}", count));
  private final LogLimiter limitFailures =
      new LogLimiter(
          1,
          Duration.ofSeconds(10),
          count ->
              log.warn(
                  "could not read the limits of the deliveries topics again leftOut={}", count));
  private final RefusedDeliveries refused;
  private final Map<String, Integer> bytesMax = new ConcurrentHashMap<>();
  private int refreshes;

  public KnownTopics(Admin admin, Clock clock) {
    this.admin = admin;
    this.clock = clock;
    this.refused = new RefusedDeliveries(clock);
  }

  /**
   * Lists the topics, reads their limits, and repeats both in the background until closed. Blocks
   * for the first time, bounded.
   *
   * @throws org.apache.kafka.common.KafkaException when Kafka does not answer the first listing in
   *     time
   */
  public void start() {
    refresh();
    refreshLimitsOrLog();
    var _ =
        refresher.scheduleWithFixedDelay(
            this::refreshOrLog,
            REFRESH_INTERVAL_MILLIS,
            REFRESH_INTERVAL_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean exists(String topic, long sinceMillis) {
    if (seen.contains(topic)) {
      return true;
    }
    Long missing = missingSinceMillis.get(topic);
    if (missing != null && sinceMillis < missing) {
      return false;
    }
    return ask(topic);
  }

  @Override
  public int messageBytesMax(String topic) {
    Integer configured = bytesMax.get(topic);
    return Math.min(
        configured == null ? Integer.MAX_VALUE : configured, refused.messageBytesMax(topic));
  }

  @Override
  public boolean takesNothing(String topic) {
    return refused.takesNothing(topic);
  }

  @Override
  public void refused(String topic, int bytes, boolean message, boolean forSize) {
    refused.add(topic, bytes, message, forSize);
    try {
      refresher.execute(this::refreshLimitsOrLog);
    } catch (RejectedExecutionException e) {
      log.debug("closed, limits are not read again");
    }
  }

  /** Reads how large a record each topic accepts. A limit that cannot be read stays unchanged. */
  private void refreshLimits() {
    List<ConfigResource> topics =
        seen.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    bytesMax.keySet().retainAll(seen);
    if (topics.isEmpty()) {
      return;
    }
    admin
        .describeConfigs(topics)
        .values()
        .forEach(
            (topic, answer) -> {
              try {
                ConfigEntry limit =
                    AdminAnswer.await(answer, "limit of topic " + topic.name())
                        .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
                if (limit != null && limit.value() != null) {
                  bytesMax.put(topic.name(), Integer.parseInt(limit.value()));
                }
              } catch (UnknownTopicOrPartitionException e) {
                bytesMax.remove(topic.name());
              }
            });
  }

  private void refreshLimitsOrLog() {
    try {
      refreshLimits();
    } catch (Throwable e) {
      // The right to describe topics may be missing. Then refusals reveal the limits.
      FatalError.endProcessIf(e);
      if (limitFailures.allows() && !refresher.isShutdown()) {
        log.warn("could not read what topics take, keeping the last known reason={}", e.toString());
      }
    }
  }

  /** Removes topics that no longer exist and adds new ones. */
  private void refresh() {
    Set<String> listed = AdminAnswer.await(admin.listTopics().names(), "list of topics");
    seen.retainAll(listed);
    listed.stream()
        .filter(topic -> topic.startsWith(TopicCatalogue.DELIVERIES_PREFIX))
        .forEach(this::learn);
  }

  @Override
  public void close() {
    refresher.shutdownNow();
  }

  private boolean ask(String topic) {
    long askedAtMillis = clock.millis();
    try {
      var described = admin.describeTopics(List.of(topic)).topicNameValues();
      AdminAnswer.await(described.values().iterator().next(), "topic " + topic);
      learn(topic);
      return true;
    } catch (UnknownTopicOrPartitionException e) {
      if (missingSinceMillis.size() >= MISSING_MAX) {
        missingSinceMillis.clear();
      }
      missingSinceMillis.merge(topic, askedAtMillis, Math::max);
      return false;
    }
  }

  private void learn(String topic) {
    seen.add(topic);
    missingSinceMillis.remove(topic);
  }

  private void refreshOrLog() {
    if (++refreshes % LIMITS_EVERY == 0) {
      refreshLimitsOrLog();
    }
    try {
      refresh();
    } catch (Throwable e) {
      // Every failure is caught, because a periodic task that throws never runs again.
      FatalError.endProcessIf(e);
      if (failures.allows() && !refresher.isShutdown()) {
        log.warn(
            "could not refresh the known topics, keeping the last known reason={}", e.toString());
      }
    }
  }
}
