// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import io.pabal.schemas.topic.Topic.Cleanup;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/**
 * The topics of the pipeline, with their names, keys, partitions and retention.
 *
 * @param partitions the number of partitions of {@code messages} and {@code locations}; fixed for
 *     the life of the topics, because positions and the partition of every location depend on it
 * @param prefixLevels the number of levels of an address that make its prefix, see {@link Feeds};
 *     fixed for life like the number of partitions
 * @param messageRetention how long {@code messages} are kept
 */
@NullMarked
public record TopicCatalogue(int partitions, int prefixLevels, Duration messageRetention) {

  /** The name of the system of record: every published message. */
  public static final String MESSAGES = "messages";

  /** The name of the topic that says which connectors hold live sessions of a prefix. */
  public static final String LOCATIONS = "locations";

  /** The name of the compacted topic of connector states. */
  public static final String CONNECTORS = "connectors";

  /** The name of the topic of session life-cycle events. */
  public static final String SESSIONS = "sessions";

  /** The name of the topic of references to messages without a live subscriber. */
  public static final String UNROUTED = "unrouted";

  /** The prefix of the name of each connector's deliveries topic. */
  public static final String DELIVERIES_PREFIX = "deliveries.";

  /** Partitions of {@code messages} when none are configured. */
  public static final int PARTITIONS_DEFAULT = 12;

  /** The greatest number of partitions. */
  public static final int PARTITIONS_MAX = 10_000;

  /** Retention of {@code messages} when none is configured. */
  public static final Duration MESSAGE_RETENTION_DEFAULT = Duration.ofDays(7);

  private static final Duration DELIVERIES_RETENTION = Duration.ofHours(1);
  private static final Duration EVENTS_RETENTION = Duration.ofDays(7);

  /** Checks the bounds, which are those of {@link Feeds}. */
  public TopicCatalogue {
    var _ = new Feeds(partitions, prefixLevels);
  }

  /** A catalogue with the default prefix levels. */
  public TopicCatalogue(int partitions, Duration messageRetention) {
    this(partitions, Feeds.PREFIX_LEVELS_DEFAULT, messageRetention);
  }

  /** The catalogue with its default sizes. */
  public static TopicCatalogue defaults() {
    return new TopicCatalogue(PARTITIONS_DEFAULT, MESSAGE_RETENTION_DEFAULT);
  }

  /** This catalogue with another number of partitions. */
  public TopicCatalogue withPartitions(int other) {
    return new TopicCatalogue(other, prefixLevels, messageRetention);
  }

  /** This catalogue with other prefix levels. */
  public TopicCatalogue withPrefixLevels(int other) {
    return new TopicCatalogue(partitions, other, messageRetention);
  }

  /** The division of addresses into feeds. */
  public Feeds feeds() {
    return new Feeds(partitions, prefixLevels);
  }

  /** The topics that all connectors share. */
  public List<Topic> shared() {
    return List.of(
        new Topic(MESSAGES, "address", "Message", partitions, Cleanup.DELETE, messageRetention),
        new Topic(LOCATIONS, "prefix", "Location", partitions, Cleanup.DELETE, Duration.ofDays(1)),
        new Topic(
            CONNECTORS, "connector id", "ConnectorState", 1, Cleanup.COMPACT, Duration.ofDays(1)),
        new Topic(
            SESSIONS, "client id", "SessionEvent", partitions, Cleanup.DELETE, EVENTS_RETENTION),
        new Topic(UNROUTED, "address", "Unrouted", partitions, Cleanup.DELETE, EVENTS_RETENTION));
  }

  /**
   * The topic of one connector's deliveries. A connector starts to read at the end of its topic, so
   * no guarantee depends on the retention of the records.
   *
   * @param deliveryPartitions the number of partitions; all records of a feed are in one
   */
  public static Topic deliveries(String connectorId, int deliveryPartitions) {
    return new Topic(
        deliveriesTopic(connectorId),
        "address",
        "Message",
        deliveryPartitions,
        Cleanup.DELETE,
        DELIVERIES_RETENTION);
  }

  /** The name of the topic of one connector's deliveries. */
  public static String deliveriesTopic(String connectorId) {
    return DELIVERIES_PREFIX + connectorId;
  }

  /** Whether {@code name} is the name of one of Pabal's topics. */
  public static boolean isPabals(String name) {
    return name.startsWith(DELIVERIES_PREFIX)
        || defaults().shared().stream().anyMatch(topic -> topic.name().equals(name));
  }

  /** The connector id in the name of a deliveries topic. */
  public static String connectorIdOf(String deliveriesTopic) {
    return deliveriesTopic.substring(DELIVERIES_PREFIX.length());
  }
}
