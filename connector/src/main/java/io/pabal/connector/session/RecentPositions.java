// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The positions of {@code messages} that were added last, at most {@value #POSITIONS_MAX}. Many
 * sessions read the same message; with these positions, an event that concerns the message and not
 * a session is reported once. Thread-safe.
 */
final class RecentPositions {

  static final int POSITIONS_MAX = 4_096;

  private record Position(int partition, long offset) {}

  private final Map<Position, Boolean> positions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Position, Boolean> eldest) {
          return size() > POSITIONS_MAX;
        }
      };

  /** Adds a position. Returns whether the position was not there before. */
  synchronized boolean add(int partition, long offset) {
    return positions.put(new Position(partition, offset), Boolean.TRUE) == null;
  }
}
