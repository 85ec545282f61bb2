// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages of one poll, by address, with the range of offsets that the poll covers in each
 * partition. Redis appends a batch in one step.
 */
final class TimelineBatch {

  private final List<PartitionRange> ranges = new ArrayList<>();
  private final Map<String, AddressMessages> byAddress = new LinkedHashMap<>();
  private int messageCount;

  /** Adds a partition; {@link #addMessage} then adds messages of this partition. */
  void addRange(PartitionRange range) {
    ranges.add(range);
  }

  /** Adds a message of the partition added last. */
  void addMessage(String address, long offset, byte[] value) {
    AddressMessages messages =
        byAddress.computeIfAbsent(
            address, a -> new AddressMessages(ranges.size(), new ArrayList<>()));
    messages.offsetsAndValues.add(bytes(offset));
    messages.offsetsAndValues.add(value);
    messageCount++;
  }

  int messageCount() {
    return messageCount;
  }

  List<PartitionRange> ranges() {
    return ranges;
  }

  String[] keys() {
    String[] keys = new String[2 + byAddress.size()];
    keys[0] = TimelineKeys.WATERMARKS;
    keys[1] = TimelineKeys.FLOORS;
    int i = 2;
    for (String address : byAddress.keySet()) {
      keys[i++] = TimelineKeys.timeline(address);
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
    for (AddressMessages messages : byAddress.values()) {
      arguments.add(bytes(messages.rangeNumber));
      arguments.add(bytes(messages.offsetsAndValues.size() / 2));
      arguments.addAll(messages.offsetsAndValues);
    }
  }

  /**
   * The messages in {@code (base, top]} of one partition.
   *
   * @param ageFloor the offset up to which messages may be removed from the timelines; -1: none
   */
  record PartitionRange(int partition, long base, long top, long ageFloor) {}

  private record AddressMessages(int rangeNumber, List<byte[]> offsetsAndValues) {}
}
