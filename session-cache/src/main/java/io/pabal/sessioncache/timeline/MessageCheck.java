// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.schemas.topic.Feeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes the messages in the topic {@code messages} from records that are not messages, for
 * the writers of timelines.
 *
 * <p>A record in another partition than the one that orders its address is not a message either:
 * many Kafka clients choose partitions in another way than Pabal. The offset of such a record has
 * no order relative to the other messages of the feed. In the timeline the record would move
 * cursors beyond messages that no connector has sent.
 */
public final class MessageCheck {

  private static final char REPLACEMENT = '\uFFFD';

  private MessageCheck() {}

  /**
   * Why a record does not belong into a timeline; null when it is a message and belongs there.
   *
   * @param feeds the division of addresses into feeds
   */
  public static @Nullable String wrong(ConsumerRecord<byte[], byte[]> record, Feeds feeds) {
    byte[] key = record.key();
    if (key == null || record.value() == null) {
      return "messages: a record without an address or a value";
    }
    int ordering = feeds.partitionOf(key);
    if (ordering != record.partition()) {
      return "messages: an address of another partition (expected: partition "
          + ordering
          + ", that of its prefix by Kafka's default partitioner for Java)";
    }
    return isUtf8(key) ? null : "messages: an address that is not UTF-8";
  }

  private static boolean isUtf8(byte[] key) {
    String text = new String(key, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0
        || Arrays.equals(text.getBytes(StandardCharsets.UTF_8), key);
  }
}
