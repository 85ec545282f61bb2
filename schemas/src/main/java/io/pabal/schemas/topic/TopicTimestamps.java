// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.NullMarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the broker gives the records of a topic their timestamps ({@link
 * Topic#TIMESTAMP_TYPE}). Corrects the setting of a topic that an earlier release, or somebody
 * else, created. Blocks.
 */
@NullMarked
final class TopicTimestamps {

  private static final Logger log = LoggerFactory.getLogger(TopicTimestamps.class);

  private static final long TIMEOUT_MILLIS = 30_000;
  private static final String SETTING = TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;

  private TopicTimestamps() {}

  /**
   * Corrects the setting of those {@code topics} that have another one.
   *
   * @throws TopicMismatchException when Kafka refuses to read or to change the setting
   */
  static void ensure(Admin admin, Collection<String> topics)
      throws InterruptedException, TimeoutException {
    List<String> wrong = wrong(admin, topics);
    if (wrong.isEmpty()) {
      return;
    }
    var op = new AlterConfigOp(new ConfigEntry(SETTING, Topic.TIMESTAMP_TYPE), OpType.SET);
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    wrong.forEach(topic -> changes.put(resource(topic), List.of(op)));
    try {
      KafkaAnswer.get(admin.incrementalAlterConfigs(changes).all(), TIMEOUT_MILLIS);
    } catch (ExecutionException e) {
      throw refused(wrong.getFirst(), "cannot be set", e);
    }
    log.info("topics get the broker's timestamps from now on topics={}", wrong);
  }

  private static List<String> wrong(Admin admin, Collection<String> topics)
      throws InterruptedException, TimeoutException {
    var described =
        admin.describeConfigs(topics.stream().map(TopicTimestamps::resource).toList()).values();
    List<String> wrong = new ArrayList<>();
    for (var each : described.entrySet()) {
      try {
        Config config = KafkaAnswer.get(each.getValue(), TIMEOUT_MILLIS);
        ConfigEntry entry = config.get(SETTING);
        if (entry == null || !Topic.TIMESTAMP_TYPE.equals(entry.value())) {
          wrong.add(each.getKey().name());
        }
      } catch (ExecutionException e) {
        throw refused(each.getKey().name(), "cannot be read", e);
      }
    }
    return wrong;
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
  }

  private static TopicMismatchException refused(String topic, String what, ExecutionException e) {
    return new TopicMismatchException(
        "topic %s: %s %s: %s (expected: %s, so that no clock but the broker's decides how long a record is kept). Allow this role to describe and alter the topic's settings, or set it: kafka-configs.sh --alter --topic %1$s --add-config %2$s=%5$s"
            .formatted(topic, SETTING, what, e.getCause(), Topic.TIMESTAMP_TYPE));
  }
}
