// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import io.pabal.sessioncache.session.StoredFeed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages that timelines lacked. The first {@value #OFFSETS_MAX} are kept with their offsets,
 * further ones are only counted.
 */
public final class Lacking {

  private static final int OFFSETS_MAX = 2_000_000;

  private static final int QOS_MASK = 3;

  private final Map<String, List<Long>> offsets = new HashMap<>();
  private long count;

  void add(String feed, List<Long> found) {
    count += found.size();
    if (count <= OFFSETS_MAX) {
      offsets.computeIfAbsent(feed, f -> new ArrayList<>()).addAll(found);
    }
  }

  /** The number of messages that timelines lacked. */
  public long count() {
    return count;
  }

  /** Whether the offsets of all of them are kept. */
  public boolean isComplete() {
    return count <= OFFSETS_MAX;
  }

  /**
   * The number of kept messages that lie beyond the cursor of a session's feed. Those that match no
   * subscription of the session are counted, too: the addresses of messages are not kept.
   */
  public long owedTo(StoredFeed feed) {
    if (feed.subscriptions().stream().allMatch(each -> (each.options() & QOS_MASK) == 0)) {
      return 0; // messages at QoS 0 are not redelivered
    }
    return offsets.getOrDefault(feed.name(), List.of()).stream()
        .filter(offset -> offset > feed.cursor())
        .count();
  }
}
