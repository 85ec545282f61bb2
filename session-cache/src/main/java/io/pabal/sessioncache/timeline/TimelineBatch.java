// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages of one partition in one poll, by address, with the range of offsets that the poll
 * covers. Redis appends a batch in one step.
 */
final class TimelineBatch {

  private final PartitionRange range;
  private final Map<String, List<byte[]>> byAddress = new LinkedHashMap<>();
  private int messageCount;

  /** A batch without messages. */
  TimelineBatch(PartitionRange range) {
    this.range = range;
  }

  /** Adds a message. */
  void addMessage(String address, long offset, byte[] value) {
    List<byte[]> offsetsAndValues = byAddress.computeIfAbsent(address, a -> new ArrayList<>());
    offsetsAndValues.add(bytes(offset));
    offsetsAndValues.add(value);
    messageCount++;
  }

  int messageCount() {
    return messageCount;
  }

  PartitionRange range() {
    return range;
  }

  /** The keys of the script that appends these batches. */
  static String[] keys(TimelineKeys keys, List<TimelineBatch> batches) {
    List<String> names = new ArrayList<>();
    batches.forEach(batch -> names.add(keys.partition(batch.range.partition)));
    for (TimelineBatch batch : batches) {
      for (String address : batch.byAddress.keySet()) {
        names.add(keys.timeline(batch.range.partition, address));
      }
    }
    return names.toArray(String[]::new);
  }

  /** Adds the arguments of the script, from the number of partitions on. */
  static void addArguments(List<byte[]> arguments, List<TimelineBatch> batches) {
    arguments.add(bytes(batches.size()));
    for (TimelineBatch batch : batches) {
      arguments.add(bytes(batch.range.base()));
      arguments.add(bytes(batch.range.top()));
      arguments.add(bytes(batch.range.ageFloor()));
      arguments.add(bytes(batch.byAddress.size()));
    }
    for (TimelineBatch batch : batches) {
      for (List<byte[]> offsetsAndValues : batch.byAddress.values()) {
        arguments.add(bytes(offsetsAndValues.size() / 2));
        arguments.addAll(offsetsAndValues);
      }
    }
  }

  /**
   * The messages in {@code (base, top]} of one partition.
   *
   * @param ageFloor the offset up to which messages may be removed from the timelines; -1: none
   */
  record PartitionRange(int partition, long base, long top, long ageFloor) {}
}
