// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.scan;

import io.pabal.recovery.RecoveryException;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.TimelineEntry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.LoggerFactory;

/**
 * A reader of {@code messages} from the newest message to the oldest, in chunks that are read
 * forward. A chunk holds at most {@value #RECORDS_MAX} messages and {@value #BYTES_MAX} bytes; a
 * larger message is a chunk of its own. For one thread; blocks.
 */
public final class MessageChunks {

  /** The largest number of messages in a chunk. */
  public static final int RECORDS_MAX = 20_000;

  private static final int RECORDS_MIN = 16;
  private static final long BYTES_MAX = 16L << 20;
  private static final Duration POLL_MAX = Duration.ofMillis(500);
  private static final long SILENCE_SECONDS_MAX = 30;

  private final Consumer<byte[], byte[]> consumer;
  private final Feeds feeds;
  private final int recordsMax;
  private final SkippedRecords skipped =
      new SkippedRecords(LoggerFactory.getLogger(MessageChunks.class));
  private int size;

  /**
   * A reader with {@code consumer}, which belongs to the caller and has no automatic offset reset.
   *
   * @param feeds the division of addresses into feeds
   * @param recordsMax how many a chunk may hold, at most {@value #RECORDS_MAX}
   */
  public MessageChunks(Consumer<byte[], byte[]> consumer, Feeds feeds, int recordsMax) {
    this.consumer = consumer;
    this.feeds = feeds;
    this.recordsMax = Math.clamp(recordsMax, 1, RECORDS_MAX);
    this.size = this.recordsMax;
  }

  /**
   * The newest messages with {@code from <= offset < to}. {@link MessageChunk#from} is the offset
   * at which the chunk begins.
   *
   * @throws RecoveryException when the position does not move for {@value #SILENCE_SECONDS_MAX} s
   */
  public MessageChunk newest(int partition, long from, long to) {
    TopicPartition source = new TopicPartition(TopicCatalogue.MESSAGES, partition);
    try {
      return read(source, Math.max(from, to - size), to);
    } catch (OffsetOutOfRangeException e) {
      // Retention has deleted messages of the range; deleted messages need no repair.
      long beginning = beginning(source);
      return beginning >= to
          ? new MessageChunk(partition, from, to - 1, List.of())
          : read(source, Math.max(beginning, to - size), to);
    }
  }

  /** The messages of a chunk by feed, of the feeds that {@code wanted} takes. */
  public Map<String, List<TimelineEntry>> byFeed(MessageChunk chunk, Predicate<String> wanted) {
    return chunk.byFeed(
        wanted,
        feeds,
        (record, why) -> skipped.add(record.topic(), record.partition(), record.offset(), why));
  }

  /** How many records were no messages so far. */
  public long skipped() {
    return skipped.count();
  }

  private MessageChunk read(TopicPartition source, long begin, long to) {
    if (!consumer.assignment().contains(source)) {
      consumer.assign(List.of(source));
    }
    consumer.seek(source, begin);
    ArrayDeque<ConsumerRecord<byte[], byte[]>> kept = new ArrayDeque<>();
    long first = begin;
    long bytes = 0;
    long position = begin;
    long movedNanos = System.nanoTime();
    while (position < to) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_MAX).records(source)) {
        if (record.offset() < to) {
          kept.add(record);
          bytes += bytes(record);
        }
        while (bytes > BYTES_MAX && kept.size() > 1) {
          ConsumerRecord<byte[], byte[]> oldest = kept.remove();
          bytes -= bytes(oldest);
          first = oldest.offset() + 1;
        }
      }
      long now = consumer.position(source);
      if (now != position) {
        position = now;
        movedNanos = System.nanoTime();
      } else if (System.nanoTime() - movedNanos > TimeUnit.SECONDS.toNanos(SILENCE_SECONDS_MAX)) {
        throw new RecoveryException(
            "kafka: nothing of %s at offset %d for %d s (expected: messages up to %d). See whether its leader runs."
                .formatted(source, position, SILENCE_SECONDS_MAX, to - 1),
            new TimeoutException("no records"));
      }
    }
    size =
        first > begin
            ? Math.max(RECORDS_MIN, (int) Math.min(size / 2, to - first))
            : Math.min(recordsMax, 2 * size);
    return new MessageChunk(source.partition(), first, to - 1, List.copyOf(kept));
  }

  private long beginning(TopicPartition source) {
    return consumer.beginningOffsets(List.of(source)).getOrDefault(source, 0L);
  }

  private static long bytes(ConsumerRecord<byte[], byte[]> record) {
    return Math.max(0L, record.serializedKeySize()) + Math.max(0L, record.serializedValueSize());
  }
}
