// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many partitions of each topic this router sends to: as many as there were when it first sent
 * there, even when somebody adds partitions later.
 *
 * <p>A connector reads the partitions of its topic in any order, and drops what lies at or below
 * the position that it has seen of an address. Were the records of one address to change their
 * partition under way, a later one could arrive first and the earlier one would be dropped.
 *
 * <p>Fewer partitions than before are those of a topic that was made anew, for a new incarnation of
 * its connector. Any thread.
 */
final class PinnedPartitions {

  private static final int TOPICS_MAX = 10_000;

  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  /**
   * How many partitions to send to.
   *
   * @param found how many the topic has now
   */
  int of(String topic, int found) {
    Integer pinned = counts.get(topic);
    if (pinned != null && pinned <= found) {
      return pinned;
    }
    if (counts.size() >= TOPICS_MAX) {
      counts.clear();
    }
    counts.put(topic, found);
    return found;
  }
}
