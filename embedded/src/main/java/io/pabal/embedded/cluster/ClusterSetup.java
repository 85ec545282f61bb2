// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes one cluster of nodes that were started, and asks whether it is ready. */
final class ClusterSetup {

  private static final String HOST = "127.0.0.1";

  private ClusterSetup() {}

  /**
   * Lets each node meet each other node. Nodes that know each other learn the addresses that have
   * changed.
   */
  static void meet(List<Integer> ports) throws IOException {
    for (int port : ports) {
      try (RedisConsole console = new RedisConsole(port)) {
        for (int other : ports) {
          if (other != port) {
            console.send("CLUSTER", "MEET", HOST, Integer.toString(other));
          }
        }
      }
    }
  }

  /** Gives the slots of the layout to the first nodes; the other nodes are to become replicas. */
  static void assignSlots(ClusterLayout layout, List<Integer> ports) throws IOException {
    for (int index = 0; index < layout.primaries(); index++) {
      List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      layout.slots(index).slots().mapToObj(Integer::toString).forEach(command::add);
      try (RedisConsole console = new RedisConsole(ports.get(index))) {
        console.send("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(index + 1));
        console.send(command.toArray(String[]::new));
      }
    }
  }

  /**
   * Makes each node after the primaries a replica: of the first primary, the second and so on, then
   * of the first primary again.
   */
  static void assignReplicas(ClusterLayout layout, List<Integer> ports) throws IOException {
    List<String> primaries = new ArrayList<>();
    for (int port : ports.subList(0, layout.primaries())) {
      primaries.add(RedisConsole.ask(port, "CLUSTER", "MYID"));
    }
    for (int index = layout.primaries(); index < ports.size(); index++) {
      String primary = primaries.get(index % layout.primaries());
      RedisConsole.ask(ports.get(index), "CLUSTER", "REPLICATE", primary);
    }
  }

  /** Whether each node knows and is connected to all nodes. */
  static boolean haveMet(List<Integer> ports) throws IOException {
    for (int port : ports) {
      List<ClusterNode> known = nodes(port);
      if (known.size() != ports.size()
          || !known.stream().allMatch(node -> node.connected() && ports.contains(node.port()))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether each node says that the cluster serves all slots, knows the same primary for each slot
   * and for each replica, and whether each replica is connected to its primary.
   */
  static boolean isReady(List<Integer> ports) throws IOException {
    Map<String, Role> roles = roles(nodes(ports.getFirst()));
    for (int port : ports) {
      try (RedisConsole console = new RedisConsole(port)) {
        String info = console.send("CLUSTER", "INFO");
        if (!info.contains("cluster_state:ok")
            || !info.contains("cluster_slots_ok:" + SlotRange.SLOTS)) {
          return false;
        }
        List<ClusterNode> known = ClusterNode.parse(console.send("CLUSTER", "NODES"));
        if (!roles(known).equals(roles) || known.stream().anyMatch(ClusterNode::failed)) {
          return false;
        }
        String replication = console.send("INFO", "replication");
        if (replication.contains("role:slave") && !replication.contains("master_link_status:up")) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Whether each replica copies a primary of its own group: the nodes whose numbers differ by a
   * multiple of the number of primaries. A replica that does not is requested to.
   */
  static boolean haveOwnReplicas(ClusterLayout layout, List<Integer> ports) throws IOException {
    Map<String, Integer> groups = new HashMap<>();
    Map<Integer, String> primaries = new HashMap<>();
    List<ClusterNode> nodes = nodes(ports.getFirst());
    for (ClusterNode node : nodes) {
      int group = ports.indexOf(node.port()) % layout.primaries();
      groups.put(node.id(), group);
      if (!node.slots().isEmpty()) {
        primaries.put(group, node.id());
      }
    }
    boolean all = true;
    for (ClusterNode node : nodes) {
      Integer group = groups.get(node.id());
      String primary = primaries.get(group);
      if (primary != null
          && node.slots().isEmpty()
          && !Objects.equals(groups.get(node.primaryId()), group)) {
        RedisConsole.ask(node.port(), "CLUSTER", "REPLICATE", primary);
        all = false;
      }
    }
    return all;
  }

  /** Whether the node says that it is a primary. */
  static boolean isPrimary(int port) throws IOException {
    return RedisConsole.ask(port, "INFO", "replication").contains("role:master");
  }

  /** The nodes as the node on {@code port} sees them. */
  static List<ClusterNode> nodes(int port) throws IOException {
    return ClusterNode.parse(RedisConsole.ask(port, "CLUSTER", "NODES"));
  }

  private record Role(@Nullable String primaryId, List<SlotRange> slots) {}

  /** The roles of the nodes by their ids. */
  private static Map<String, Role> roles(List<ClusterNode> nodes) {
    return nodes.stream()
        .collect(
            Collectors.toMap(ClusterNode::id, node -> new Role(node.primaryId(), node.slots())));
  }
}
