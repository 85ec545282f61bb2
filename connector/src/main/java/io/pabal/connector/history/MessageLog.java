// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A read position in {@code messages} that can be moved. Records that were fetched and not taken
 * are kept as long as the next read continues there. So a pass that continues where the last one
 * stopped fetches no record twice. Used by one thread only, except {@link #wakeup}.
 *
 * <p>Offsets have holes: the markers of transactions, and records of aborted batches that Kafka
 * leaves out. So progress is the consumer's position, never the offset of a record.
 */
final class MessageLog implements AutoCloseable {

  /** After this time without records or progress, the caller checks whether Kafka is there. */
  private static final Duration POLL_MAX = Duration.ofSeconds(2);

  private static final Duration ANSWER_MAX = Duration.ofSeconds(2);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(1);
  private static final int POLL_RECORDS_MAX = 500;
  private static final int FETCH_WAIT_MAX_MILLIS = 10;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ArrayDeque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();
  private @Nullable TopicPartition partition;
  private long next;
  private long fetchedThrough;

  MessageLog(String bootstrapServers) {
    consumer =
        new KafkaConsumer<>(
            settings(bootstrapServers), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Moves to an offset of a partition. Does not wait for Kafka. */
  void seek(int number, long offset) {
    TopicPartition wanted = new TopicPartition(TopicCatalogue.MESSAGES, number);
    if (wanted.equals(partition) && next == offset) {
      return;
    }
    partition = null; // until the consumer's position is certain
    fetched.clear();
    consumer.assign(List.of(wanted));
    consumer.seek(wanted, offset);
    next = offset;
    partition = wanted;
  }

  /** The offset to read next. */
  long next() {
    return next;
  }

  /**
   * Fetches records, unless there are fetched records that were not taken. Blocks for {@link
   * #POLL_MAX} at most.
   *
   * @return false when Kafka returned neither records nor progress within {@link #POLL_MAX}
   * @throws org.apache.kafka.clients.consumer.OffsetOutOfRangeException when Kafka does not have
   *     the offset to read next
   */
  boolean fetch() {
    if (!fetched.isEmpty()) {
      return true;
    }
    TopicPartition present = partition;
    if (present == null) {
      throw new IllegalStateException("no partition was sought");
    }
    partition = null; // after a poll that throws, the position is not certain
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL_MAX);
    partition = present;
    OffsetAndMetadata reached = records.nextOffsets().get(present);
    if (reached == null) {
      return false;
    }
    fetched.addAll(records.records(present));
    fetchedThrough = reached.offset();
    if (fetched.isEmpty()) {
      next = fetchedThrough;
    }
    return true;
  }

  /** The next fetched record; null: all were taken. */
  @Nullable ConsumerRecord<byte[], byte[]> take() {
    ConsumerRecord<byte[], byte[]> record = fetched.poll();
    if (record != null) {
      next = fetched.isEmpty() ? fetchedThrough : record.offset() + 1;
    }
    return record;
  }

  /** The first offset of the partition that Kafka still has. Blocks. */
  long beginning(int number) {
    var asked = new TopicPartition(TopicCatalogue.MESSAGES, number);
    return consumer.beginningOffsets(List.of(asked), ANSWER_MAX).getOrDefault(asked, 0L);
  }

  /** The offset that the next message of the partition gets. Blocks. */
  long end(int number) {
    var asked = new TopicPartition(TopicCatalogue.MESSAGES, number);
    return consumer.endOffsets(List.of(asked), ANSWER_MAX).getOrDefault(asked, 0L);
  }

  /** Ends the present or next call that blocks with a {@code WakeupException}. Any thread. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(CLOSE_MAX));
  }

  static Map<String, Object> settings(String bootstrapServers) {
    return Map.of(
        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
        bootstrapServers,
        ConsumerConfig.CLIENT_ID_CONFIG,
        "history",
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
        false,
        // The position never moves by itself: that would be a gap that is not reported.
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        "none",
        // The router and the timeline writer read with this level, too.
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        "read_uncommitted",
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        POLL_RECORDS_MAX,
        // A fetch that waits at the end of one partition delays the next partition.
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        FETCH_WAIT_MAX_MILLIS,
        // The system's choice of buffer size: Kafka's default of 64 KiB overflows.
        ConsumerConfig.RECEIVE_BUFFER_CONFIG,
        Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
