// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * The settings of a Kafka node that is both broker and controller, and the only node of its
 * cluster.
 */
final class BrokerSettings {

  static final int NODE_ID = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";

  private static final Map<String, String> SINGLE_NODE =
      Map.ofEntries(
          Map.entry("default.replication.factor", "1"),
          Map.entry("min.insync.replicas", "1"),
          Map.entry("offsets.topic.replication.factor", "1"),
          Map.entry("offsets.topic.num.partitions", "1"),
          Map.entry("transaction.state.log.replication.factor", "1"),
          Map.entry("transaction.state.log.min.isr", "1"),
          Map.entry("transaction.state.log.num.partitions", "1"),
          Map.entry("share.coordinator.state.topic.replication.factor", "1"),
          Map.entry("share.coordinator.state.topic.min.isr", "1"),
          Map.entry("auto.create.topics.enable", "false"));

  /** Few threads and small buffers, because the node shares a machine with other processes. */
  private static final Map<String, String> SMALL =
      Map.ofEntries(
          Map.entry("num.network.threads", "2"),
          Map.entry("num.io.threads", "4"),
          Map.entry("background.threads", "2"),
          Map.entry("group.coordinator.threads", "1"),
          // A record that says that the controller lives; it is the broker itself.
          Map.entry("metadata.max.idle.interval.ms", "5000"),
          Map.entry("num.recovery.threads.per.data.dir", "2"),
          Map.entry("log.cleaner.threads", "1"),
          Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
          Map.entry("log.cleaner.io.buffer.size", "131072"),
          Map.entry("log.segment.bytes", "268435456"),
          Map.entry("log.index.size.max.bytes", "1048576"));

  private BrokerSettings() {}

  static Properties of(Path logDirectory, int port, int controllerPort, GroupSettings groups) {
    Properties settings = new Properties();
    settings.putAll(node(logDirectory, port, controllerPort));
    settings.putAll(SINGLE_NODE);
    settings.putAll(groups.settings());
    settings.putAll(SMALL);
    return settings;
  }

  /**
   * The quorum's only voter is configured in the settings and not stored in the log (a static
   * quorum), so that the controller can listen on another port at every start.
   */
  private static Map<String, String> node(Path logDirectory, int port, int controllerPort) {
    String broker = "PLAINTEXT://127.0.0.1:" + port;
    return Map.ofEntries(
        Map.entry("node.id", Integer.toString(NODE_ID)),
        Map.entry("process.roles", "broker,controller"),
        Map.entry("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort),
        Map.entry("controller.listener.names", CONTROLLER_LISTENER),
        Map.entry("inter.broker.listener.name", "PLAINTEXT"),
        Map.entry(
            "listeners", broker + "," + CONTROLLER_LISTENER + "://127.0.0.1:" + controllerPort),
        Map.entry("advertised.listeners", broker),
        Map.entry(
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT"),
        Map.entry("log.dirs", logDirectory.toString()));
  }
}
