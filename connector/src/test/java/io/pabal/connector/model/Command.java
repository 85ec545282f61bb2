// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One step of a history. Its numbers choose among whatever there is when it is carried out, so that
 * a history from which commands were taken out is a history still.
 *
 * @param a chooses whom or where
 * @param b chooses what or how much
 * @param c chooses how
 */
record Command(Kind kind, int a, int b, int c) {

  /** What can happen, and how often it does relative to the rest. */
  enum Kind {
    PUBLISH(14, 8),
    PUBLISH_BURST(1),
    CONNECT(11, 8),
    DISCONNECT(2),
    LOSE_SOCKET(5),
    SUBSCRIBE(9, 6),
    UNSUBSCRIBE(3),
    ACKNOWLEDGE(14),
    STALL(2),
    CONSUME(12),
    TURN(16),
    TICK(4),
    WRITE_LOCATIONS(10),
    ANNOUNCE_AGAIN(2),
    REFRESH(2),
    EVICT(3),
    CRASH(1),
    STOP(1),
    FREEZE(2),
    THAW(3),
    START(3),
    ROUTE_MESSAGES(10),
    ROUTE_LOCATIONS(10),
    READ_CONNECTORS(2),
    FLUSH(12),
    FLUSH_CHANGELOG(4),
    COMMIT(3),
    RESTART_ROUTER(5),
    FREEZE_ROUTER(3),
    END_ZOMBIE(1),
    /** Not by chance, since it takes {@link #REFRESH} afterwards to make good what it does. */
    FLUSH_LATE_CHANGELOG(0),
    WRITE_TIMELINES(4),
    COMMIT_TIMELINES(1),
    RESTART_TIMELINES(1),
    EXPIRE(1),
    REWIND(3),
    FLOW(7, 4);

    private final int weight;
    private final int timesMin;

    Kind(int weight) {
      this(weight, 0);
    }

    Kind(int weight, int timesMin) {
      this.weight = weight;
      this.timesMin = timesMin;
    }
  }

  /** By how much a history may do something more often than others do, or not at all. */
  private static final List<Integer> FACTORS = List.of(0, 1, 1, 1, 4);

  /**
   * A history of {@code steps} commands. Each has its own habits: what is rare in one is frequent
   * in another, and what would undo it does not happen at all.
   */
  static List<Command> history(Random random, int steps) {
    List<Kind> urn = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      int times = kind.weight * FACTORS.get(random.nextInt(FACTORS.size()));
      for (int i = 0; i < Math.max(times, kind.timesMin); i++) {
        urn.add(kind);
      }
    }
    List<Command> commands = new ArrayList<>(steps);
    for (int i = 0; i < steps; i++) {
      commands.add(
          new Command(
              urn.get(random.nextInt(urn.size())),
              random.nextInt(1 << 16),
              random.nextInt(1 << 16),
              random.nextInt(1 << 16)));
    }
    return commands;
  }
}
