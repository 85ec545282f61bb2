// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.schemas.TopicCatalogue;
import java.net.URI;
import java.time.Duration;

/** The keys that several roles have. */
final class SharedKeys {

  static final Key<String> BOOTSTRAP_SERVERS =
      Key.required(
          "kafka.bootstrapServers",
          ValueType.text(
              "[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*", "HOST:PORT, several with commas"),
          "127.0.0.1:9092",
          "Some brokers of the Kafka cluster.");

  static final Key<Integer> REPLICATION_FACTOR =
      Key.of(
          "kafka.replicationFactor",
          ValueType.integer(-1, Short.MAX_VALUE),
          -1,
          "Replicas of topics that are created; -1 takes the broker's default.");

  static final Key<Integer> PARTITIONS =
      Key.of(
          "topics.partitions",
          ValueType.integer(1, 10_000),
          TopicCatalogue.PARTITIONS_DEFAULT,
          "Partitions of messages and locations. Fixed for life, and the same for every role.");

  static final Key<Duration> MESSAGE_RETENTION =
      Key.of(
          "topics.messageRetentionHours",
          ValueType.hours(1, 87_600),
          TopicCatalogue.MESSAGE_RETENTION_DEFAULT,
          "How long messages are kept, when the topic is created.");

  static final Key<URI> REDIS_URI =
      Key.required(
          "redis.uri",
          ValueType.REDIS_URI,
          URI.create("redis://127.0.0.1:6379"),
          "Where sessions, cursors and timelines are kept.");

  private SharedKeys() {}

  static TopicCatalogue topics(Settings settings) {
    return new TopicCatalogue(settings.get(PARTITIONS), settings.get(MESSAGE_RETENTION));
  }

  static short replicationFactor(Settings settings) {
    return settings.get(REPLICATION_FACTOR).shortValue();
  }
}
