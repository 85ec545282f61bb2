// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import io.pabal.sessioncache.session.StoredSubscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages that timelines lacked: at most {@value #OFFSETS_MAX} of them are remembered, of the
 * others only how many there were.
 */
public final class Lacking {

  private static final int OFFSETS_MAX = 2_000_000;

  private static final int QOS_MASK = 3;

  private final Map<String, List<Long>> offsets = new HashMap<>();
  private long count;

  void add(String address, List<Long> found) {
    count += found.size();
    if (count <= OFFSETS_MAX) {
      offsets.computeIfAbsent(address, a -> new ArrayList<>()).addAll(found);
    }
  }

  /** How many there were. */
  public long count() {
    return count;
  }

  /** Whether all of them are remembered. */
  public boolean isComplete() {
    return count <= OFFSETS_MAX;
  }

  /** How many of them a session has not acknowledged. */
  public long owedTo(StoredSubscription subscription) {
    if ((subscription.options() & QOS_MASK) == 0) {
      return 0; // what is pushed at QoS 0 is not looked for afterwards
    }
    return offsets.getOrDefault(subscription.address(), List.of()).stream()
        .filter(offset -> offset > subscription.cursor())
        .count();
  }
}
