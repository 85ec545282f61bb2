// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one node knows of its cluster.
 *
 * @param epoch grows with each change of roles and slots, so that a node that was frozen meanwhile
 *     is recognised by a lower one
 * @param nodes all nodes
 */
record ClusterView(long epoch, List<ClusterNode> nodes) {

  private static final Logger log = LoggerFactory.getLogger(ClusterView.class);
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final Pattern EPOCH = Pattern.compile("cluster_current_epoch:(\\d{1,18})");

  /**
   * The newest view of the nodes that are in a cluster that serves.
   *
   * @throws IOException when there is none
   */
  static ClusterView newest(List<Integer> ports) throws IOException {
    ClusterView newest = null;
    IOException failure = new IOException("no node says that the cluster serves");
    for (int port : ports) {
      try {
        ClusterView view = of(port);
        if (view != null && (newest == null || view.epoch > newest.epoch)) {
          newest = view;
        }
      } catch (IOException e) {
        failure = e;
      }
    }
    if (newest == null) {
      throw failure;
    }
    return newest;
  }

  /**
   * The nodes that say that they serve slots, as each sees itself. A node that does not answer is
   * left out.
   */
  static List<ClusterNode> servingNodes(List<Integer> ports) {
    List<ClusterNode> serving = new ArrayList<>();
    for (int port : ports) {
      try {
        ClusterView view = of(port);
        if (view != null) {
          view.nodes.stream()
              .filter(node -> node.port() == port && !node.slots().isEmpty())
              .forEach(serving::add);
        }
      } catch (IOException e) {
        log.debug("node left out port={}", port, e);
      }
    }
    return serving;
  }

  private static @Nullable ClusterView of(int port) throws IOException {
    try (RedisConsole console = new RedisConsole(port, TIMEOUT_MILLIS)) {
      String info = console.send("CLUSTER", "INFO");
      Matcher epoch = EPOCH.matcher(info);
      return info.contains("cluster_state:ok") && epoch.find()
          ? new ClusterView(
              Long.parseLong(epoch.group(1)), ClusterNode.parse(console.send("CLUSTER", "NODES")))
          : null;
    }
  }
}
