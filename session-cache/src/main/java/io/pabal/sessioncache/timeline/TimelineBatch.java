// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages of one poll, by feed, with the range of offsets that the poll covers in each
 * partition. Redis appends a batch in one step.
 */
final class TimelineBatch {

  /** Offset, rest of the address, value. */
  private static final int ENTRY_ARGUMENTS = 3;

  private final List<PartitionRange> ranges = new ArrayList<>();
  private final Map<String, FeedMessages> byFeed = new LinkedHashMap<>();
  private int messageCount;

  /** Adds a partition; {@link #addMessage} then adds messages of this partition. */
  void addRange(PartitionRange range) {
    ranges.add(range);
  }

  /** Adds a message of the partition added last. */
  void addMessage(String feed, String address, long offset, byte[] value) {
    FeedMessages messages =
        byFeed.computeIfAbsent(feed, f -> new FeedMessages(ranges.size(), new ArrayList<>()));
    messages.entries.add(bytes(offset));
    messages.entries.add(bytes(address.substring(feed.length())));
    messages.entries.add(value);
    messageCount++;
  }

  int messageCount() {
    return messageCount;
  }

  List<PartitionRange> ranges() {
    return ranges;
  }

  String[] keys() {
    String[] keys = new String[2 + byFeed.size()];
    keys[0] = TimelineKeys.WATERMARKS;
    keys[1] = TimelineKeys.FLOORS;
    int i = 2;
    for (String feed : byFeed.keySet()) {
      keys[i++] = TimelineKeys.timeline(feed);
    }
    return keys;
  }

  /** Adds the arguments of the script, from the number of partitions on. */
  void addArguments(List<byte[]> arguments) {
    arguments.add(bytes(ranges.size()));
    for (PartitionRange range : ranges) {
      arguments.add(bytes(range.partition()));
      arguments.add(bytes(range.base()));
      arguments.add(bytes(range.top()));
      arguments.add(bytes(range.ageFloor()));
    }
    for (FeedMessages messages : byFeed.values()) {
      arguments.add(bytes(messages.rangeNumber));
      arguments.add(bytes(messages.entries.size() / ENTRY_ARGUMENTS));
      arguments.addAll(messages.entries);
    }
  }

  /**
   * The messages in {@code (base, top]} of one partition.
   *
   * @param ageFloor the offset up to which messages may be removed from the timelines; -1: none
   */
  record PartitionRange(int partition, long base, long top, long ageFloor) {}

  private record FeedMessages(int rangeNumber, List<byte[]> entries) {}
}
