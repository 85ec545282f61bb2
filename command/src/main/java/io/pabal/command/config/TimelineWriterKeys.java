// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.sessioncache.timeline.TimelineConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The keys of a timeline writer. */
public final class TimelineWriterKeys {

  private static final TimelineConfig DEFAULTS =
      TimelineConfig.defaults("127.0.0.1:9092", URI.create("redis://127.0.0.1:6379"));

  static final Key<Integer> MESSAGES_PER_ADDRESS_MAX =
      Key.of(
          "timeline.messagesPerAddressMax",
          ValueType.integer(1, 1_000_000),
          DEFAULTS.messagesPerAddressMax(),
          "Messages that a timeline holds; older ones are read from Kafka.");

  static final Key<Duration> AGE_MAX =
      Key.of(
          "timeline.ageMaxHours",
          ValueType.hours(1, 87_600),
          DEFAULTS.ageMax(),
          "How long a timeline is kept after its newest message.");

  static final Key<Duration> SESSION_TIMEOUT =
      Key.of(
          "timeline.sessionTimeoutMillis",
          ValueType.millis(1_000, 60_000),
          DEFAULTS.sessionTimeout(),
          "When a writer that is silent is taken for dead. Below 6000 the brokers need a lower group.min.session.timeout.ms.");

  static final List<Key<?>> ALL =
      Stream.of(
              List.<Key<?>>of(SharedKeys.BOOTSTRAP_SERVERS, SharedKeys.REPLICATION_FACTOR),
              RedisKeys.ALL,
              List.<Key<?>>of(
                  SharedKeys.PARTITIONS,
                  SharedKeys.PREFIX_LEVELS,
                  SharedKeys.MESSAGE_RETENTION,
                  MESSAGES_PER_ADDRESS_MAX,
                  AGE_MAX,
                  SESSION_TIMEOUT,
                  HttpKeys.HOST,
                  HttpKeys.OF_TIMELINE))
          .<Key<?>>flatMap(List::stream)
          .toList();

  private TimelineWriterKeys() {}

  /** The timeline writer's configuration. */
  public static TimelineConfig config(Settings settings) {
    return new TimelineConfig(
        settings.get(SharedKeys.BOOTSTRAP_SERVERS),
        RedisKeys.uri(settings),
        SharedKeys.topics(settings),
        SharedKeys.replicationFactor(settings),
        settings.get(MESSAGES_PER_ADDRESS_MAX),
        settings.get(AGE_MAX),
        settings.get(SESSION_TIMEOUT));
  }
}
