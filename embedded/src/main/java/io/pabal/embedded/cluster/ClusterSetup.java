// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
   * Whether each node says that the cluster serves all slots, knows the same primary for each slot,
   * and whether each replica is connected to its primary.
   */
  static boolean isReady(List<Integer> ports) throws IOException {
    Map<String, List<SlotRange>> owners = owners(nodes(ports.getFirst()));
    for (int port : ports) {
      try (RedisConsole console = new RedisConsole(port)) {
        String info = console.send("CLUSTER", "INFO");
        if (!info.contains("cluster_state:ok")
            || !info.contains("cluster_slots_ok:" + SlotRange.SLOTS)) {
          return false;
        }
        List<ClusterNode> known = ClusterNode.parse(console.send("CLUSTER", "NODES"));
        if (!owners(known).equals(owners) || known.stream().anyMatch(ClusterNode::failed)) {
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

  /** The nodes as the node on {@code port} sees them. */
  static List<ClusterNode> nodes(int port) throws IOException {
    return ClusterNode.parse(RedisConsole.ask(port, "CLUSTER", "NODES"));
  }

  /** The slots by the id of the primary that serves them. */
  private static Map<String, List<SlotRange>> owners(List<ClusterNode> nodes) {
    return nodes.stream()
        .filter(node -> !node.slots().isEmpty())
        .collect(Collectors.toMap(ClusterNode::id, ClusterNode::slots));
  }
}
