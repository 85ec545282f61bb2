// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The number of partitions of each topic that this router sends to: the number that the topic had
 * when the router first sent to it, even if partitions are added later.
 *
 * <p>A connector reads the partitions of its topic in any order, and drops records at or below the
 * position that it has seen of a feed. If the records of one feed changed their partition, a later
 * record could arrive first and the earlier record would be dropped.
 *
 * <p>A topic with fewer partitions than before was deleted and created again, for a new incarnation
 * of its connector. Safe for use by many threads.
 */
final class PinnedPartitions {

  private static final int TOPICS_MAX = 10_000;

  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  /**
   * The number of partitions to send to.
   *
   * @param found the number of partitions that the topic has now
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
