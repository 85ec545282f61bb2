// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;

/**
 * The configuration of a timeline writer.
 *
 * @param bootstrapServers Kafka's setting of that name
 * @param redisUri the Redis that holds the timelines
 * @param topics the catalogue; {@code messages} is created when missing
 * @param replicationFactor the replication factor of a created topic; -1 takes the broker's default
 * @param messagesPerAddressMax the messages that a timeline keeps; Redis trims in blocks, so it may
 *     keep about a hundred more
 * @param ageMax the time that a timeline keeps messages, at least a second. They are removed a
 *     seventh later (at least 10 s later), after the floor that readers see has been raised
 * @param sessionTimeout the time without a heartbeat after which the other writers take over the
 *     partitions of a writer, 1-60 s; brokers refuse less than their {@code
 *     group.min.session.timeout.ms}, 6 s by default
 */
public record TimelineConfig(
    String bootstrapServers,
    URI redisUri,
    TopicCatalogue topics,
    short replicationFactor,
    int messagesPerAddressMax,
    Duration ageMax,
    Duration sessionTimeout) {

  /** The default of {@code messagesPerAddressMax}. */
  public static final int MESSAGES_PER_ADDRESS_MAX_DEFAULT = 10_000;

  /** The default of {@code ageMax}. */
  public static final Duration AGE_MAX_DEFAULT = Duration.ofHours(12);

  /** The shortest session timeout that brokers with Kafka's defaults take. */
  public static final Duration SESSION_TIMEOUT_DEFAULT = Duration.ofSeconds(6);

  private static final Duration SESSION_TIMEOUT_MIN = Duration.ofSeconds(1);
  private static final Duration SESSION_TIMEOUT_MAX = Duration.ofMinutes(1);
  private static final Duration AGE_MIN = Duration.ofSeconds(1);
  private static final Duration EXPIRY_MARGIN_MIN = Duration.ofSeconds(10);
  private static final int EXPIRY_MARGIN_DIVISOR = 7;

  /** Checks the bounds. */
  public TimelineConfig {
    if (messagesPerAddressMax < 1) {
      throw new IllegalArgumentException(
          "timeline.messagesPerAddressMax: " + messagesPerAddressMax + " (expected: at least 1)");
    }
    if (ageMax.compareTo(AGE_MIN) < 0) {
      throw new IllegalArgumentException(
          "timeline.ageMax: " + ageMax + " (expected: at least " + AGE_MIN + ")");
    }
    if (sessionTimeout.compareTo(SESSION_TIMEOUT_MIN) < 0
        || sessionTimeout.compareTo(SESSION_TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException(
          "timeline.sessionTimeoutMillis: "
              + sessionTimeout.toMillis()
              + " (expected: 1000-60000)");
    }
  }

  /** The default configuration. */
  public static TimelineConfig defaults(String bootstrapServers, URI redisUri) {
    return new TimelineConfig(
        bootstrapServers,
        redisUri,
        TopicCatalogue.defaults(),
        (short) -1,
        MESSAGES_PER_ADDRESS_MAX_DEFAULT,
        AGE_MAX_DEFAULT,
        SESSION_TIMEOUT_DEFAULT);
  }

  /** This configuration with other topics. */
  public TimelineConfig withTopics(TopicCatalogue other) {
    return new TimelineConfig(
        bootstrapServers,
        redisUri,
        other,
        replicationFactor,
        messagesPerAddressMax,
        ageMax,
        sessionTimeout);
  }

  /** This configuration with another session timeout. */
  public TimelineConfig withSessionTimeout(Duration timeout) {
    return new TimelineConfig(
        bootstrapServers,
        redisUri,
        topics,
        replicationFactor,
        messagesPerAddressMax,
        ageMax,
        timeout);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "TimelineConfig[kafka=%s, redis=%s]"
        .formatted(bootstrapServers, RedisAddress.of(redisUri));
  }

  /** How long a timeline lives after its last append. */
  Duration timelineTtl() {
    return ageMax.plus(expiryMargin());
  }

  /**
   * The time to live of watermarks after the last write. Without a writer they must expire before
   * timelines do, whose expiry no writer would report.
   */
  Duration watermarkTtl() {
    return expiryMargin().dividedBy(2);
  }

  private Duration expiryMargin() {
    Duration margin = ageMax.dividedBy(EXPIRY_MARGIN_DIVISOR);
    return margin.compareTo(EXPIRY_MARGIN_MIN) < 0 ? EXPIRY_MARGIN_MIN : margin;
  }
}
