// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.sessioncache.timeline.SteppedWriter;
import java.util.List;

/** The timeline writer: how far it has come on each partition, and where it begins anew. */
final class SimulatedTimelines {

  private final Logs logs;
  private final SteppedWriter writer;
  private final int[] next;
  private final int[] committed;

  SimulatedTimelines(Logs logs, SteppedWriter writer) {
    this.logs = logs;
    this.writer = writer;
    this.next = new int[logs.partitions];
    this.committed = new int[logs.partitions];
  }

  /** Appends at most {@code count} messages. */
  void write(int partition, int count) {
    List<SteppedWriter.Message> log = logs.messages(partition);
    int from = next[partition];
    int to = (int) Math.min(log.size(), (long) from + count);
    if (from == to) {
      return;
    }
    writer.append(partition, from - 1L, log.subList(from, to));
    next[partition] = to;
  }

  /** Writes down where the next writer would begin. */
  void commit(int partition) {
    committed[partition] = next[partition];
  }

  /** Another writer begins at the last commit. */
  void restart(int partition) {
    next[partition] = committed[partition];
  }
}
