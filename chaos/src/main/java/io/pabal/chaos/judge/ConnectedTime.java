// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.Map;
import java.util.TreeMap;

/** The total time that one client was connected, up to any past moment. */
final class ConnectedTime {

  private static final long NOT_CONNECTED = Long.MIN_VALUE;

  /** The total time in milliseconds at the begin and at the end of each connection, by moment. */
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

  /** The time in milliseconds that the client was connected between two moments. */
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
