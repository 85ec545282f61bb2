// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.scan;

import io.pabal.sessioncache.timeline.MessageCheck;
import io.pabal.sessioncache.timeline.TimelineEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;

/**
 * All messages of one partition in a range of offsets.
 *
 * @param from the first offset of the range
 * @param through the last offset of the range
 * @param records oldest first
 */
public record MessageChunk(
    int partition, long from, long through, List<ConsumerRecord<byte[], byte[]>> records) {

  /**
   * The messages by address, of those that {@code wanted} takes.
   *
   * @param partitions how many {@code messages} has
   * @param skipped is told of each record that is no message, which the timeline writer passed over
   *     as well, and why
   */
  public Map<String, List<TimelineEntry>> byAddress(
      Predicate<String> wanted,
      int partitions,
      BiConsumer<ConsumerRecord<byte[], byte[]>, String> skipped) {
    Map<String, List<TimelineEntry>> found = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String wrong = MessageCheck.wrong(record, partitions);
      if (wrong != null) {
        skipped.accept(record, wrong);
        continue;
      }
      String address = Utils.utf8(record.key());
      if (wanted.test(address)) {
        found
            .computeIfAbsent(address, a -> new ArrayList<>())
            .add(new TimelineEntry(record.offset(), record.value()));
      }
    }
    return found;
  }
}
