// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.sessioncache.redis.HashTags;

/**
 * The names of the timelines' keys in Redis. All keys of a partition have the same hash tag, so one
 * primary of a Redis Cluster holds them. The tags lie evenly over the slots.
 *
 * @param partitions the number of partitions of {@code messages}; fixed for life, since tags depend
 *     on it
 */
public record TimelineKeys(int partitions) {

  /**
   * Hash, one for each partition: {@code watermark}, the offset up to which messages were appended;
   * {@code floor}, the offset up to which messages may be missing; {@code topic}, Kafka's id of the
   * topic; {@code max} and {@code ttl}, the writers' bounds.
   */
  public String partition(int partition) {
    return "pabal:{" + tag(partition) + "}:p";
  }

  /** Stream: the messages of one feed. */
  public String timeline(int partition, String feed) {
    return "pabal:{" + tag(partition) + "}:t:" + feed;
  }

  /** The keys of a reader's probe: a timeline that no address has, and a partition. */
  static String[] ofReadProbe(String tag) {
    return new String[] {"pabal:{" + tag + "}:t:", "pabal:{" + tag + "}:p"};
  }

  /** The keys of a writer's probe: a partition, and a timeline that no address has. */
  static String[] ofAppendProbe(String tag) {
    return new String[] {"pabal:{" + tag + "}:p", "pabal:{" + tag + "}:t:"};
  }

  /** The hash tag of a partition, in the middle of the partition's share of the slots. */
  private String tag(int partition) {
    if (partition < 0 || partition >= partitions) {
      throw new IllegalArgumentException(
          "partition: %d (expected: 0-%d)".formatted(partition, partitions - 1));
    }
    return HashTags.ofSlot((int) ((2L * partition + 1) * (HashTags.SLOTS / 2) / partitions));
  }
}
