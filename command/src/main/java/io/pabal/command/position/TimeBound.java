// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import io.pabal.command.cluster.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;

/**
 * Finds the offsets behind the records that are older than a time, in partitions whose timestamps
 * need not rise with the offsets.
 *
 * <p>Kafka finds the first record that is not older than a time. A producer with a fast clock may
 * have written that record, and older records may follow the record. So the following records are
 * read too. Reading stops at a record that has the broker's timestamp and is not older than the
 * time: from that record on, the broker set the timestamps, and they rise with the offsets. For one
 * thread.
 */
final class TimeBound {

  private static final Duration POLL_MAX = Duration.ofMillis(500);
  private static final long SILENCE_NANOS_MAX =
      TimeUnit.MILLISECONDS.toNanos(2L * Cluster.ANSWER_MILLIS_MAX);

  private final Cluster cluster;
  private final long instantMillis;
  private final Map<TopicPartition, Long> bounds;
  private final Map<TopicPartition, Long> unread = new HashMap<>();

  private TimeBound(Cluster cluster, Instant instant, Map<TopicPartition, Long> candidates) {
    this.cluster = cluster;
    this.instantMillis = instant.toEpochMilli();
    this.bounds = new HashMap<>(candidates);
  }

  /**
   * The first offset behind the last record that is older than {@code instant}, for each partition.
   *
   * @param candidates for each partition, the first record that is not older; the end of the
   *     partition when every record is older
   * @param ends the ends of the partitions
   * @throws io.pabal.command.UnreachableException when Kafka sends nothing for 60 s before the end
   *     of a partition
   */
  static Map<TopicPartition, Long> behindLastBefore(
      Instant instant,
      Cluster cluster,
      Map<TopicPartition, Long> candidates,
      Map<TopicPartition, Long> ends) {
    var bound = new TimeBound(cluster, instant, candidates);
    candidates.forEach(
        (partition, from) -> {
          long end = Objects.requireNonNull(ends.get(partition));
          if (from < end) {
            bound.unread.put(partition, end);
          }
        });
    if (!bound.unread.isEmpty()) {
      bound.read(candidates);
    }
    return bound.bounds;
  }

  private void read(Map<TopicPartition, Long> candidates) {
    try (var consumer = cluster.newConsumer()) {
      consumer.assign(unread.keySet());
      unread
          .keySet()
          .forEach(each -> consumer.seek(each, Objects.requireNonNull(candidates.get(each))));
      long heardAtNanos = System.nanoTime();
      while (!unread.isEmpty()) {
        long before = sum(consumer);
        take(consumer);
        if (sum(consumer) > before) {
          heardAtNanos = System.nanoTime();
        } else if (System.nanoTime() - heardAtNanos > SILENCE_NANOS_MAX) {
          throw cluster.unreachable(
              new IllegalStateException(
                  "no records for %d s"
                      .formatted(TimeUnit.NANOSECONDS.toSeconds(SILENCE_NANOS_MAX))));
        }
        unread.entrySet().removeIf(each -> consumer.position(each.getKey()) >= each.getValue());
        consumer.assign(unread.keySet());
      }
    }
  }

  private void take(Consumer<byte[], byte[]> consumer) {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_MAX)) {
        take(record);
      }
    } catch (OffsetOutOfRangeException e) {
      // Kafka has deleted these records meanwhile. The records that are left decide.
      consumer.seekToBeginning(List.copyOf(e.partitions()));
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    var partition = new TopicPartition(record.topic(), record.partition());
    Long end = unread.get(partition);
    if (end == null || record.offset() >= end) {
      return;
    }
    if (record.timestamp() < instantMillis) {
      bounds.put(partition, record.offset() + 1);
    } else if (record.timestampType() == TimestampType.LOG_APPEND_TIME) {
      unread.remove(partition);
    }
  }

  private long sum(Consumer<byte[], byte[]> consumer) {
    return consumer.assignment().stream().mapToLong(consumer::position).sum();
  }
}
