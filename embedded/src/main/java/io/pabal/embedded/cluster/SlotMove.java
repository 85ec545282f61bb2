// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves slots with their keys from one primary to another, while clients use them.
 *
 * <p>A slot is moved in three steps: both primaries are told of the move, so that clients are sent
 * to the primary that has the key at the moment; the keys are moved in small batches; both
 * primaries are told of the new owner. A move that failed on the way is finished by the same move
 * again.
 */
final class SlotMove {

  private static final String HOST = "127.0.0.1";
  private static final String KEYS_MAX = "20";
  private static final String MIGRATE_TIMEOUT_MILLIS = "5000";

  private final ClusterNode from;
  private final ClusterNode to;
  private final RedisConsole source;
  private final RedisConsole target;

  private SlotMove(ClusterNode from, ClusterNode to, RedisConsole source, RedisConsole target) {
    this.from = from;
    this.to = to;
    this.source = source;
    this.target = target;
  }

  /** Moves each slot of the range that {@code from} serves. Blocks. */
  static void run(SlotRange range, ClusterNode from, ClusterNode to) throws IOException {
    try (RedisConsole source = new RedisConsole(from.port());
        RedisConsole target = new RedisConsole(to.port())) {
      SlotMove move = new SlotMove(from, to, source, target);
      for (int slot : range.slots().filter(from::serves).toArray()) {
        move.move(Integer.toString(slot));
      }
    }
  }

  private void move(String slot) throws IOException {
    target.send("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id());
    source.send("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id());
    List<String> keys = keys(slot);
    while (!keys.isEmpty()) {
      migrate(keys);
      keys = keys(slot);
    }
    // The new owner first: a source that has given the slot up must not point to a node that
    // refuses it.
    target.send("CLUSTER", "SETSLOT", slot, "NODE", to.id());
    source.send("CLUSTER", "SETSLOT", slot, "NODE", to.id());
  }

  private List<String> keys(String slot) throws IOException {
    return source.sendForList("CLUSTER", "GETKEYSINSLOT", slot, KEYS_MAX);
  }

  /** REPLACE: an earlier move that timed out may have left a copy of the key at the target. */
  private void migrate(List<String> keys) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "MIGRATE",
                HOST,
                Integer.toString(to.port()),
                "",
                "0",
                MIGRATE_TIMEOUT_MILLIS,
                "REPLACE",
                "KEYS"));
    command.addAll(keys);
    source.send(command.toArray(String[]::new));
  }
}
