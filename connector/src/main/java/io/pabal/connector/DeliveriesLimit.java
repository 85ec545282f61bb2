// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.pabal.schemas.topic.TopicCatalogue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ensures that a connector's deliveries topic accepts every record that {@code messages} accepts,
 * together with the header that the router adds. Where the topic accepts less, and its limit cannot
 * be changed, the router only announces a message that is too large, and the connector reads the
 * message from the timeline. So no message is lost, but such a message costs more.
 */
final class DeliveriesLimit {

  /** Bytes by which the limit exceeds that of {@code messages}: more than the router adds. */
  static final int HEADROOM_BYTES = 256;

  private static final Logger log = LoggerFactory.getLogger(DeliveriesLimit.class);
  private static final int ANSWER_SECONDS = 10;

  private DeliveriesLimit() {}

  /**
   * Raises {@code max.message.bytes} of {@code deliveriesTopic} if it is too low. Blocks for at
   * most {@value #ANSWER_SECONDS} s for each of three questions to Kafka. When Kafka refuses or
   * does not answer, logs a warning and leaves the limit as it is.
   */
  static void ensure(Admin admin, String deliveriesTopic) throws InterruptedException {
    try {
      long wanted = limit(admin, TopicCatalogue.MESSAGES) + HEADROOM_BYTES;
      long present = limit(admin, deliveriesTopic);
      if (present < wanted && wanted <= Integer.MAX_VALUE) {
        var change =
            new AlterConfigOp(
                new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.toString(wanted)),
                AlterConfigOp.OpType.SET);
        admin
            .incrementalAlterConfigs(Map.of(topic(deliveriesTopic), List.of(change)))
            .all()
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        log.info(
            "limit of records raised topic={} bytesMax={} was={}",
            deliveriesTopic,
            wanted,
            present);
      }
    } catch (ExecutionException | TimeoutException e) {
      log.warn(
          "limit of records not ensured topic={} reason=\"{}\" effect=\"what is too large there is read from the timeline\"",
          deliveriesTopic,
          String.valueOf(e.getCause() == null ? e : e.getCause()));
    }
  }

  private static long limit(Admin admin, String name)
      throws InterruptedException, ExecutionException, TimeoutException {
    ConfigResource topic = topic(name);
    Config config =
        admin
            .describeConfigs(List.of(topic))
            .all()
            .get(ANSWER_SECONDS, TimeUnit.SECONDS)
            .get(topic);
    ConfigEntry entry = config == null ? null : config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    if (entry == null || entry.value() == null) {
      throw new ExecutionException(new IllegalStateException("Kafka does not say for " + name));
    }
    return Long.parseLong(entry.value());
  }

  private static ConfigResource topic(String name) {
    return new ConfigResource(ConfigResource.Type.TOPIC, name);
  }
}
