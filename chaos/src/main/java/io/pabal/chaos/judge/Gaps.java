// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Gap;
import io.pabal.chaos.history.MessagePosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The reported gaps, and which of them cover a missing message. */
final class Gaps {

  private record Key(String client, String address) {}

  private final Map<Key, List<Gap>> gaps = new HashMap<>();
  private final Set<Gap> needed = new HashSet<>();
  private int reported;

  void add(Gap gap) {
    reported++;
    gaps.computeIfAbsent(new Key(gap.client(), gap.address()), key -> new ArrayList<>()).add(gap);
  }

  /** Whether a reported gap covers {@code position}. Marks the gap as needed. */
  boolean cover(String client, String address, MessagePosition position) {
    boolean covered = false;
    for (Gap gap : gaps.getOrDefault(new Key(client, address), List.of())) {
      if (gap.partition() == position.partition()
          && gap.fromOffset() <= position.offset()
          && position.offset() <= gap.throughOffset()) {
        needed.add(gap);
        covered = true;
      }
    }
    return covered;
  }

  long reported() {
    return reported;
  }

  long unneeded() {
    return gaps.values().stream()
        .flatMap(List::stream)
        .filter(gap -> !needed.contains(gap))
        .count();
  }
}
