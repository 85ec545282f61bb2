// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node as another node sees it.
 *
 * @param id the 40 hexadecimal digits that name the node for life
 * @param port the node's port on 127.0.0.1
 * @param primaryId the id of the primary that this node copies; null: this node is a primary
 * @param failed whether the node is believed, or known, to have failed
 * @param connected whether the asked node has a connection to this node
 * @param slots the slots that the node serves; empty for a replica
 */
public record ClusterNode(
    String id,
    int port,
    @Nullable String primaryId,
    boolean failed,
    boolean connected,
    List<SlotRange> slots) {

  private static final int FIELDS_BEFORE_SLOTS = 8;

  /** Copies the list. */
  public ClusterNode {
    slots = List.copyOf(slots);
  }

  /** Whether the node is a primary. */
  public boolean isPrimary() {
    return primaryId == null;
  }

  /** Whether the node serves the slot. */
  public boolean serves(int slot) {
    return slots.stream().anyMatch(range -> range.contains(slot));
  }

  /** The number of slots that the node serves. */
  public int slotCount() {
    return slots.stream().mapToInt(SlotRange::size).sum();
  }

  /** Parses the answer to CLUSTER NODES; leaves out nodes that are not members yet. */
  static List<ClusterNode> parse(String answer) {
    return answer
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields.length >= FIELDS_BEFORE_SLOTS)
        .filter(fields -> !fields[2].contains("handshake") && !fields[2].contains("noaddr"))
        .map(ClusterNode::of)
        .toList();
  }

  private static ClusterNode of(String[] fields) {
    String address = fields[1].substring(0, fields[1].indexOf('@'));
    List<String> flags = List.of(fields[2].split(",", -1));
    return new ClusterNode(
        fields[0],
        Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)),
        flags.contains("master") ? null : fields[3],
        flags.contains("fail") || flags.contains("fail?"),
        fields[7].equals("connected"),
        Arrays.stream(fields, FIELDS_BEFORE_SLOTS, fields.length)
            .filter(slots -> !slots.isEmpty() && !slots.startsWith("["))
            .map(SlotRange::parse)
            .toList());
  }
}
