// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import io.pabal.recovery.RecoveryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ranges that a forced replay sends again, for at most {@value #FEEDS_MAX} feeds. */
final class ReplayedFeeds {

  static final int FEEDS_MAX = 2_000_000;

  /**
   * The messages of one feed in the range.
   *
   * @param first the offset of the oldest
   * @param last the offset of the newest
   * @param messages the number of messages
   */
  record Range(int partition, long first, long last, long messages) {

    Range with(Range other) {
      return new Range(
          partition,
          Math.min(first, other.first),
          Math.max(last, other.last),
          messages + other.messages);
    }
  }

  private final Map<String, Range> ranges = new HashMap<>();
  private final int max;

  ReplayedFeeds() {
    this(FEEDS_MAX);
  }

  ReplayedFeeds(int max) {
    this.max = max;
  }

  /**
   * Adds messages that were not added before.
   *
   * @param offsets ascending, at least one
   */
  void add(int partition, String feed, List<Long> offsets) {
    var found = new Range(partition, offsets.getFirst(), offsets.getLast(), offsets.size());
    ranges.merge(feed, found, Range::with);
    if (ranges.size() > max) {
      throw new RecoveryException(
          "--force: messages of more than %,d feeds (expected: fewer, they are held in memory). Choose a shorter range, --address or --prefix, and run one after the other."
              .formatted(max));
    }
  }

  @Nullable Range find(String feed) {
    return ranges.get(feed);
  }

  /** The feeds of one partition, with their ranges. */
  List<Map.Entry<String, Range>> of(int partition) {
    List<Map.Entry<String, Range>> found = new ArrayList<>();
    for (Map.Entry<String, Range> each : ranges.entrySet()) {
      if (each.getValue().partition() == partition) {
        found.add(Map.entry(each.getKey(), each.getValue()));
      }
    }
    return found;
  }
}
