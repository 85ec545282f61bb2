// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.scan;

import io.pabal.schemas.topic.Feeds;
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
   * The messages by feed, of the feeds that {@code wanted} takes.
   *
   * @param feeds the division of addresses into feeds
   * @param skipped is told of each record that is no message, which the timeline writer passed over
   *     as well, and why
   */
  public Map<String, List<TimelineEntry>> byFeed(
      Predicate<String> wanted,
      Feeds feeds,
      BiConsumer<ConsumerRecord<byte[], byte[]>, String> skipped) {
    Map<String, List<TimelineEntry>> found = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String wrong = MessageCheck.wrong(record, feeds);
      if (wrong != null) {
        skipped.accept(record, wrong);
        continue;
      }
      String address = Utils.utf8(record.key());
      String feed = feeds.prefixOf(address);
      if (wanted.test(feed)) {
        found
            .computeIfAbsent(feed, f -> new ArrayList<>())
            .add(new TimelineEntry(address, record.offset(), record.value()));
      }
    }
    return found;
  }
}
