// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.Map;
import java.util.TreeMap;

/** How long one client had been connected by any moment of the past. */
final class ConnectedTime {

  private static final long NOT_CONNECTED = Long.MIN_VALUE;

  /** At the beginning and end of each time of being connected: how much there had been. */
  private final TreeMap<Long, Long> totals = new TreeMap<>(Map.of(Long.MIN_VALUE, 0L));

  private long sinceMillis = NOT_CONNECTED;

  void connected(long atMillis) {
    if (sinceMillis == NOT_CONNECTED) {
      totals.put(atMillis, totals.lastEntry().getValue());
      sinceMillis = atMillis;
    }
  }

  void disconnected(long atMillis) {
    if (sinceMillis != NOT_CONNECTED) {
      totals.put(atMillis, total(atMillis));
      sinceMillis = NOT_CONNECTED;
    }
  }

  /** Milliseconds of being connected from one moment to another. */
  long between(long fromMillis, long toMillis) {
    return Math.max(0, total(toMillis) - total(fromMillis));
  }

  private long total(long atMillis) {
    if (sinceMillis != NOT_CONNECTED && atMillis >= sinceMillis) {
      return totals.floorEntry(sinceMillis).getValue() + atMillis - sinceMillis;
    }
    var before = totals.floorEntry(atMillis);
    var after = totals.ceilingEntry(atMillis);
    if (after == null || after.getValue().equals(before.getValue())) {
      return before.getValue();
    }
    return after.getValue() - (after.getKey() - atMillis);
  }
}
