// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.NullMarked;

/**
 * One entry of the {@link TopicCatalogue}.
 *
 * @param name the topic's name
 * @param key the meaning of a record's key
 * @param value the type of a record's value
 * @param partitions the number of partitions at creation
 * @param cleanup whether records are deleted by age or compacted by key
 * @param retention how long records are kept; for a compacted topic, how long tombstones are kept
 */
@NullMarked
public record Topic(
    String name, String key, String value, int partitions, Cleanup cleanup, Duration retention) {

  /** Kafka's cleanup policies that the catalogue uses. */
  public enum Cleanup {
    /** Records are deleted when they are older than the retention. */
    DELETE,
    /** The newest record of each key is kept. */
    COMPACT
  }

  /**
   * The value of Kafka's setting {@code message.timestamp.type} with which the broker gives each
   * record its timestamp. Retention goes by timestamps. With the producers' timestamps, Kafka would
   * delete at once the records of a producer whose clock is days behind, and a producer whose clock
   * is ahead would hide records from readers that start at a time.
   */
  public static final String TIMESTAMP_TYPE = TimestampType.LOG_APPEND_TIME.name;

  /**
   * The request that creates this topic; {@code replicationFactor} -1 takes the broker's default.
   */
  public NewTopic toNewTopic(short replicationFactor) {
    String keptMillis = Long.toString(retention.toMillis());
    Map<String, String> config =
        switch (cleanup) {
          case DELETE ->
              Map.of(
                  TopicConfig.CLEANUP_POLICY_CONFIG,
                  TopicConfig.CLEANUP_POLICY_DELETE,
                  TopicConfig.RETENTION_MS_CONFIG,
                  keptMillis,
                  TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                  TIMESTAMP_TYPE);
          case COMPACT ->
              Map.of(
                  TopicConfig.CLEANUP_POLICY_CONFIG,
                  TopicConfig.CLEANUP_POLICY_COMPACT,
                  TopicConfig.DELETE_RETENTION_MS_CONFIG,
                  keptMillis,
                  TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                  TIMESTAMP_TYPE);
        };
    return new NewTopic(name, partitions, replicationFactor).configs(config);
  }
}
