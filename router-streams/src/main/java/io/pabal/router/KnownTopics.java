// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import io.pabal.schemas.TopicCatalogue;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deliveries topics that Kafka has, asked for once a second in the background and one by one
 * where that is not recent enough.
 *
 * <p>Both answers carry the time of their <em>question</em>, because an answer says nothing about
 * what happened after it was asked for:
 *
 * <ul>
 *   <li>a listing removes only topics that were last seen before the listing was asked for, so one
 *       under way while a topic is created cannot hide it;
 *   <li>"missing" is remembered, and is good for whoever relied on the topic before the question
 *       was asked. Older records of a topic that is gone, however many, thus cost one question
 *       between them, while a connector that has just created its topic is asked for again.
 * </ul>
 *
 * <p>Safe for use by many threads.
 */
final class KnownTopics implements DeliveryTopics, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KnownTopics.class);
  private static final long REFRESH_INTERVAL_MILLIS = 1_000;
  private static final int MISSING_MAX = 10_000;

  private final Admin admin;
  private final Clock clock;
  private final AtomicLong questions = new AtomicLong();
  private final Map<String, Long> seenByQuestion = new ConcurrentHashMap<>();
  private final Map<String, Long> missingSinceMillis = new ConcurrentHashMap<>();
  private final ScheduledExecutorService refresher =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pabal-router-topics").factory());
  private final LogLimiter failures = new LogLimiter();

  KnownTopics(Admin admin, Clock clock) {
    this.admin = admin;
    this.clock = clock;
  }

  /** Asks a first time, bounded, and keeps asking until closed. */
  void start() {
    refresh();
    var _ =
        refresher.scheduleWithFixedDelay(
            this::refreshOrLog,
            REFRESH_INTERVAL_MILLIS,
            REFRESH_INTERVAL_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean exists(String topic, long sinceMillis) {
    if (seenByQuestion.containsKey(topic)) {
      return true;
    }
    Long missing = missingSinceMillis.get(topic);
    if (missing != null && sinceMillis < missing) {
      return false;
    }
    return ask(topic);
  }

  /** Forgets topics that have vanished and learns those that came. */
  void refresh() {
    long question = questions.incrementAndGet();
    for (String topic : AdminAnswer.await(admin.listTopics().names(), "list of topics")) {
      if (topic.startsWith(TopicCatalogue.DELIVERIES_PREFIX)) {
        seen(topic, question);
      }
    }
    seenByQuestion.values().removeIf(seen -> seen < question);
  }

  @Override
  public void close() {
    refresher.shutdownNow();
  }

  private boolean ask(String topic) {
    long question = questions.incrementAndGet();
    long askedAtMillis = clock.millis();
    try {
      var described = admin.describeTopics(List.of(topic)).topicNameValues();
      AdminAnswer.await(described.values().iterator().next(), "topic " + topic);
      seen(topic, question);
      return true;
    } catch (UnknownTopicOrPartitionException e) {
      if (missingSinceMillis.size() >= MISSING_MAX) {
        missingSinceMillis.clear();
      }
      missingSinceMillis.merge(topic, askedAtMillis, Math::max);
      return false;
    }
  }

  private void seen(String topic, long question) {
    seenByQuestion.merge(topic, question, Math::max);
    missingSinceMillis.remove(topic);
  }

  private void refreshOrLog() {
    try {
      refresh();
    } catch (RuntimeException e) {
      if (failures.allows() && !refresher.isShutdown()) {
        log.warn(
            "could not refresh the known topics, keeping the last known reason={}", e.toString());
      }
    }
  }
}
