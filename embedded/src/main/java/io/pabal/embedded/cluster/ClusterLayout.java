// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.util.List;

/**
 * What a cluster consists of.
 *
 * @param primaries the number of primaries: 1, or from 3 to {@value #PRIMARIES_MAX}; two primaries
 *     cannot vote for the replica of the third
 * @param replicas the number of replicas of each primary, from 0 to {@value #REPLICAS_MAX}
 * @param firstPort the port of the first node on 127.0.0.1; each further node has the next port; 0:
 *     the ports that the nodes had before, or free ones
 * @param settings further lines in the configuration file of each node
 */
public record ClusterLayout(int primaries, int replicas, int firstPort, List<String> settings) {

  /** The largest number of primaries. */
  public static final int PRIMARIES_MAX = 100;

  /** The largest number of replicas of each primary. */
  public static final int REPLICAS_MAX = 5;

  /** Throws an {@link IllegalArgumentException} when a number is not allowed. */
  public ClusterLayout {
    if (primaries < 1 || primaries == 2 || primaries > PRIMARIES_MAX) {
      throw new IllegalArgumentException(
          "primaries: %d (expected: 1, or 3-%d).".formatted(primaries, PRIMARIES_MAX));
    }
    if (replicas < 0 || replicas > REPLICAS_MAX) {
      throw new IllegalArgumentException(
          "replicas: %d (expected: 0-%d).".formatted(replicas, REPLICAS_MAX));
    }
    settings = List.copyOf(settings);
  }

  /** A cluster on ports of its own choice. */
  public static ClusterLayout of(int primaries, int replicas) {
    return new ClusterLayout(primaries, replicas, 0, List.of());
  }

  /** The same cluster on other ports. */
  public ClusterLayout withFirstPort(int port) {
    return new ClusterLayout(primaries, replicas, port, settings);
  }

  /** The number of nodes: primaries and replicas. */
  public int nodes() {
    return primaries * (1 + replicas);
  }

  /** The numbers of nodes, such as {@code 3 primaries, 1 replica each}. */
  @Override
  public String toString() {
    return "%d %s, %s each"
        .formatted(
            primaries,
            primaries == 1 ? "primary" : "primaries",
            replicas == 1 ? "1 replica" : replicas + " replicas");
  }

  /** The slots that primary number {@code index}, from 0, gets when the cluster is created. */
  SlotRange slots(int index) {
    return new SlotRange(
        SlotRange.SLOTS * index / primaries, SlotRange.SLOTS * (index + 1) / primaries - 1);
  }
}
