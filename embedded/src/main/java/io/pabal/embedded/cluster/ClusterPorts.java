// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The ports of a cluster's nodes. Each node needs two: its own, for clients, and the port of the
 * cluster bus, {@value FreePort#CLUSTER_BUS_DISTANCE} higher.
 */
public final class ClusterPorts {

  /**
   * The highest port of a node: its bus is then below the ports from which systems open outgoing
   * connections, which could take it while the node is down.
   */
  public static final int PORT_MAX = 32_767 - FreePort.CLUSTER_BUS_DISTANCE;

  private ClusterPorts() {}

  /** Whether a node could listen on {@code port} and on the port of its bus now. */
  public static boolean areFree(int port) {
    return FreePort.isFree(port) && FreePort.isFree(port + FreePort.CLUSTER_BUS_DISTANCE);
  }

  /**
   * The ports of the nodes, in the order of their directories.
   *
   * @throws IllegalStateException when a port is not allowed or not free
   */
  static List<Integer> choose(ClusterLayout layout, List<Path> directories) throws IOException {
    if (layout.firstPort() != 0) {
      return IntStream.range(0, layout.nodes())
          .mapToObj(index -> checked(layout.firstPort() + index))
          .toList();
    }
    Set<Integer> chosen = new HashSet<>();
    List<Integer> ports = new ArrayList<>();
    for (Path directory : directories) {
      Optional<Integer> former = former(directory).filter(port -> areFree(port));
      int port = former.filter(chosen::add).orElseGet(FreePort::findForClusterNode);
      ports.add(port);
    }
    return ports;
  }

  private static int checked(int port) {
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalStateException(
          "Redis port: %d (expected: 1-%d). A node in a cluster also listens %d higher."
              .formatted(port, PORT_MAX, FreePort.CLUSTER_BUS_DISTANCE));
    }
    if (!areFree(port)) {
      throw new IllegalStateException(
          "Redis ports: %d and %d (expected: two free ports). Another process listens there."
              .formatted(port, port + FreePort.CLUSTER_BUS_DISTANCE));
    }
    return port;
  }

  /** The port that the node had when it was started the last time. */
  private static Optional<Integer> former(Path directory) throws IOException {
    Path config = directory.resolve("redis.conf");
    if (!Files.exists(config)) {
      return Optional.empty();
    }
    try (var lines = Files.lines(config)) {
      return lines
          .filter(line -> line.matches("port \\d{1,5}"))
          .map(line -> Integer.parseInt(line.substring("port ".length())))
          .filter(port -> port >= 1 && port <= PORT_MAX)
          .findFirst();
    }
  }
}
