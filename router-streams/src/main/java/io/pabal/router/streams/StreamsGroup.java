// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import io.pabal.router.cluster.AdminAnswer;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.RouterException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;

/**
 * The settings of a group of {@link GroupProtocol#STREAMS}. The brokers store them per group. Each
 * router writes them when it starts, so the settings of the router that started last apply.
 */
public final class StreamsGroup {

  /** With this quotient, brokers with Kafka's defaults accept a session timeout of 45 s. */
  private static final int HEARTBEATS_PER_SESSION_TIMEOUT = 8;

  private StreamsGroup() {}

  /**
   * Writes the group's settings from {@code config}. Blocks, for at most {@link
   * AdminAnswer#TIMEOUT}.
   *
   * @throws RouterException when the brokers refuse the settings
   * @throws org.apache.kafka.common.KafkaException when Kafka does not answer in time
   */
  public static void configure(Admin admin, RouterConfig config) {
    var group = new ConfigResource(ConfigResource.Type.GROUP, config.applicationId());
    try {
      AdminAnswer.await(
          admin.incrementalAlterConfigs(Map.of(group, settings(config))).all(),
          "settings of group " + config.applicationId());
    } catch (InvalidConfigurationException e) {
      throw new RouterException(
          "router.sessionTimeoutMillis: %d with router.standbyReplicas: %d (expected: what the brokers allow a group with router.groupProtocol: streams, and they answer: %s). Change them, or set %s to at most %1$d and group.streams.min.heartbeat.interval.ms to at most %d on every broker, or use router.groupProtocol: classic."
              .formatted(
                  config.sessionTimeout().toMillis(),
                  config.standbyReplicas(),
                  e.getMessage(),
                  config.groupProtocol().sessionTimeoutBound(),
                  heartbeatMillis(config)),
          e);
    }
  }

  private static Collection<AlterConfigOp> settings(RouterConfig config) {
    return List.of(
        entry("streams.session.timeout.ms", config.sessionTimeout().toMillis()),
        entry("streams.heartbeat.interval.ms", heartbeatMillis(config)),
        entry("streams.num.standby.replicas", config.standbyReplicas()),
        // The time that brokers wait between two assignments.
        entry("streams.assignment.interval.ms", 0));
  }

  private static long heartbeatMillis(RouterConfig config) {
    return config.sessionTimeout().toMillis() / HEARTBEATS_PER_SESSION_TIMEOUT;
  }

  private static AlterConfigOp entry(String name, long value) {
    return new AlterConfigOp(new ConfigEntry(name, Long.toString(value)), OpType.SET);
  }
}
