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
 * One place in {@code messages} that can be moved. What was fetched and not taken is kept while
 * reading goes on from there, so that going on where the last pass stopped fetches nothing twice.
 * Used by one thread only, except {@link #wakeup}.
 *
 * <p>Offsets have holes (the marks of transactions, records of aborted batches that Kafka leaves
 * out). Therefore progress is what the consumer says it is, never the offset of a record.
 */
final class MessageLog implements AutoCloseable {

  /** So long without records or progress, and one has to ask whether Kafka is there at all. */
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

  /** Goes to an offset of a partition. */
  void seek(int number, long offset) {
    TopicPartition wanted = new TopicPartition(TopicCatalogue.MESSAGES, number);
    if (wanted.equals(partition) && next == offset) {
      return;
    }
    partition = null; // until it is certain where the consumer stands
    fetched.clear();
    consumer.assign(List.of(wanted));
    consumer.seek(wanted, offset);
    next = offset;
    partition = wanted;
  }

  /** The offset that is read next. */
  long next() {
    return next;
  }

  /**
   * Fetches if there is nothing at hand. Blocks.
   *
   * @return false when Kafka gave nothing for {@link #POLL_MAX}
   * @throws org.apache.kafka.clients.consumer.OffsetOutOfRangeException when Kafka does not have
   *     the offset that is read next
   */
  boolean fetch() {
    if (!fetched.isEmpty()) {
      return true;
    }
    TopicPartition present = partition;
    if (present == null) {
      throw new IllegalStateException("no partition was sought");
    }
    partition = null; // a poll that throws leaves nothing to go on from
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

  /** The next record of what was fetched; null: it was all taken. */
  @Nullable ConsumerRecord<byte[], byte[]> take() {
    ConsumerRecord<byte[], byte[]> record = fetched.poll();
    if (record != null) {
      next = fetched.isEmpty() ? fetchedThrough : record.offset() + 1;
    }
    return record;
  }

  /** The first offset that Kafka still has. Blocks. */
  long beginning(int number) {
    var asked = new TopicPartition(TopicCatalogue.MESSAGES, number);
    return consumer.beginningOffsets(List.of(asked), ANSWER_MAX).getOrDefault(asked, 0L);
  }

  /** The offset that the next message will get. Blocks. */
  long end(int number) {
    var asked = new TopicPartition(TopicCatalogue.MESSAGES, number);
    return consumer.endOffsets(List.of(asked), ANSWER_MAX).getOrDefault(asked, 0L);
  }

  /** Ends what blocks. Any thread. */
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
        // Never moves by itself: that would be a gap without a word.
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        "none",
        // As the router and the timeline writer read.
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        "read_uncommitted",
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        POLL_RECORDS_MAX,
        // A fetch that waits at the end of one partition keeps the next one waiting.
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        FETCH_WAIT_MAX_MILLIS,
        // As the system sees fit: Kafka's 64 KiB overflow.
        ConsumerConfig.RECEIVE_BUFFER_CONFIG,
        Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
