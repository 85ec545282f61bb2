// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.UsageException;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.FreePort;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.ClusterPorts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks every port before any part starts, and reports all problems together. */
final class PortCheck {

  private static final int PORT_MAX = 65_535;

  private final List<String> problems = new ArrayList<>();
  private final Map<Integer, String> users = new HashMap<>();

  private PortCheck() {}

  /** Throws a {@link UsageException} unless all ports of {@code options} are available. */
  static void check(UpOptions options) {
    PortCheck check = new PortCheck();
    if (options.bootstrapServers == null) {
      check.port("--kafka-port", "kafka", options.kafkaPort);
    }
    if (options.redisCluster != null) {
      check.clusterPorts(options.redisCluster);
    } else if (options.redisUri == null) {
      check.port("--redis-port", "redis", options.redisPort);
    }
    if (options.registry) {
      check.port("--registry-port", "registry", options.registryPort);
    }
    check.port("--http-port", "http", options.httpPort);
    for (int index = 0; index < options.connectors; index++) {
      check.port("--port", UpOptions.connectorId(index), options.port(index));
    }
    if (!check.problems.isEmpty()) {
      throw new UsageException(String.join("\n", check.problems));
    }
  }

  private void clusterPorts(ClusterLayout cluster) {
    int first = cluster.firstPort();
    int last = first + cluster.nodes() - 1;
    if (first > 0 && last > ClusterPorts.PORT_MAX) {
      problem(
          "--redis-port",
          "the first of %d nodes".formatted(cluster.nodes()),
          first,
          "0-" + (ClusterPorts.PORT_MAX - cluster.nodes() + 1),
          "Each node also listens %d higher".formatted(FreePort.CLUSTER_BUS_DISTANCE));
      return;
    }
    for (int index = 0; first != 0 && index < cluster.nodes(); index++) {
      String node = "redis-" + (index + 1);
      port("--redis-port", node, first + index);
      port("--redis-port", node + "'s bus", first + index + FreePort.CLUSTER_BUS_DISTANCE);
    }
  }

  private void port(String flag, String user, int port) {
    if (port == 0) {
      return;
    }
    String other = users.putIfAbsent(port, user);
    if (port < 0 || port > PORT_MAX) {
      problem(flag, user, port, "0-" + PORT_MAX, "Choose another one with " + flag);
    } else if (other != null) {
      problem(
          flag, user, port, "another port than " + other + "'s", "Choose another one with " + flag);
    } else if (!FreePort.isFree(port)) {
      problem(
          flag, user, port, "a free port", holder(port) + ", or choose another one with " + flag);
    }
  }

  /**
   * How to stop the program that listens on {@code port}. Names the process when it is the Redis of
   * a {@code pabal up}.
   */
  private static String holder(int port) {
    return EmbeddedRedis.runningOn(port)
        .map(
            redis ->
                redis.leftBehind()
                    ? "A killed pabal left its Redis behind there: process %d, its data in %s. Stop it (kill %d)"
                        .formatted(redis.pid(), redis.directory(), redis.pid())
                    : "The Redis of another pabal listens there: process %d, its data in %s. Stop that pabal"
                        .formatted(redis.pid(), redis.directory()))
        .orElse("Stop what listens on 127.0.0.1:" + port);
  }

  private void problem(String flag, String user, int port, String expected, String action) {
    problems.add("%s: %d for %s (expected: %s). %s.".formatted(flag, port, user, expected, action));
  }
}
