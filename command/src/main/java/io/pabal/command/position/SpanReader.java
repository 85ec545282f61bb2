// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import io.pabal.command.cluster.Cluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads spans of partitions: each partition in the order of its offsets, the partitions in any
 * order. Holds the records of one poll in memory. For one thread.
 */
public final class SpanReader {

  private static final Duration POLL_MAX = Duration.ofMillis(500);
  private static final long SILENCE_NANOS_MAX =
      TimeUnit.MILLISECONDS.toNanos(2L * Cluster.ANSWER_MILLIS_MAX);

  private final Cluster cluster;
  private final Notes notes;

  /**
   * A reader of {@code cluster}.
   *
   * @param notes gets one line when Kafka has deleted records that were still to be read
   */
  public SpanReader(Cluster cluster, Notes notes) {
    this.cluster = cluster;
    this.notes = notes;
  }

  /**
   * Reads to the end of all spans.
   *
   * @param visitor gets each record; false ends the reading
   * @param afterPoll is called when the visitor has got all records of a poll; false ends the
   *     reading
   * @throws io.pabal.command.UnreachableException when Kafka sends nothing for 60 s before the end
   *     of a span
   */
  public void read(
      List<Span> spans, Predicate<ConsumerRecord<byte[], byte[]>> visitor, Progress afterPoll) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    spans.stream()
        .filter(span -> span.offsets() > 0)
        .forEach(span -> ends.put(span.partition(), span.to()));
    if (ends.isEmpty()) {
      return;
    }
    try (var consumer = cluster.newConsumer()) {
      consumer.assign(ends.keySet());
      spans.stream()
          .filter(span -> span.offsets() > 0)
          .forEach(span -> consumer.seek(span.partition(), span.from()));
      read(consumer, ends, visitor, afterPoll);
    }
  }

  /** Takes notes for the operator, one line at a time. */
  public interface Notes {
    /** Takes one line. */
    void add(String line);
  }

  /** Follows the progress of the reading. */
  public interface Progress {
    /**
     * Takes the number of offsets that were read since the last call.
     *
     * @return whether the reading continues
     */
    boolean advanced(long offsets);
  }

  private void read(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      Predicate<ConsumerRecord<byte[], byte[]>> visitor,
      Progress afterPoll) {
    long heardAtNanos = System.nanoTime();
    while (!ends.isEmpty()) {
      long before = sum(consumer, ends);
      try {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_MAX)) {
          Long end = ends.get(new TopicPartition(record.topic(), record.partition()));
          if (end != null && record.offset() < end && !visitor.test(record)) {
            return;
          }
        }
      } catch (OffsetOutOfRangeException e) {
        skipDeleted(consumer, e);
      }
      long advanced = sum(consumer, ends) - before;
      if (advanced > 0) {
        heardAtNanos = System.nanoTime();
      }
      if (!afterPoll.advanced(advanced)) {
        return;
      }
      if (ends.entrySet().removeIf(each -> position(consumer, each.getKey()) >= each.getValue())) {
        consumer.assign(ends.keySet());
      }
      boolean endless = ends.values().stream().allMatch(end -> end == Long.MAX_VALUE);
      if (!endless && System.nanoTime() - heardAtNanos > SILENCE_NANOS_MAX) {
        throw cluster.unreachable(
            new IllegalStateException(
                "no records for %d s"
                    .formatted(TimeUnit.NANOSECONDS.toSeconds(SILENCE_NANOS_MAX))));
      }
    }
  }

  private void skipDeleted(Consumer<byte[], byte[]> consumer, OffsetOutOfRangeException deleted) {
    deleted
        .offsetOutOfRangePartitions()
        .forEach(
            (partition, offset) -> {
              consumer.seekToBeginning(List.of(partition));
              notes.add(
                  "%s partition %d: Kafka has deleted offset %d meanwhile, reading on at %d"
                      .formatted(
                          partition.topic(),
                          partition.partition(),
                          offset,
                          position(consumer, partition)));
            });
  }

  private static long sum(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.keySet().stream().mapToLong(partition -> position(consumer, partition)).sum();
  }

  private static long position(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    return consumer.position(partition);
  }
}
