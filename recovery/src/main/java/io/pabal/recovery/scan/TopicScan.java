// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.scan;

import io.pabal.recovery.RecoveryException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/** A reader of one range of one partition, forward. For one thread; blocks. */
public final class TopicScan {

  private static final Duration POLL_MAX = Duration.ofMillis(500);
  private static final long SILENCE_SECONDS_MAX = 30;

  private final Consumer<byte[], byte[]> consumer;

  /** Scans with {@code consumer}, which belongs to the caller. */
  public TopicScan(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /**
   * Passes each record with {@code from <= offset < to} to {@code taker}.
   *
   * @param progress receives the number of offsets read, after each poll that read some
   * @throws RecoveryException when the position does not move for {@value #SILENCE_SECONDS_MAX} s
   */
  public void read(
      TopicPartition source,
      long from,
      long to,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> taker,
      LongConsumer progress) {
    if (from >= to) {
      return;
    }
    consumer.assign(List.of(source));
    consumer.seek(source, from);
    long position = from;
    long movedNanos = System.nanoTime();
    while (position < to) {
      long now = poll(source, to, taker);
      if (now != position) {
        progress.accept(Math.min(now, to) - position);
        position = now;
        movedNanos = System.nanoTime();
      } else if (System.nanoTime() - movedNanos > TimeUnit.SECONDS.toNanos(SILENCE_SECONDS_MAX)) {
        throw new RecoveryException(
            "kafka: nothing of %s at offset %d for %d s (expected: records up to %d). See whether its leader runs."
                .formatted(source, position, SILENCE_SECONDS_MAX, to - 1),
            new TimeoutException("no records"));
      }
    }
  }

  private long poll(
      TopicPartition source,
      long to,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> taker) {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_MAX).records(source)) {
        if (record.offset() < to) {
          taker.accept(record);
        }
      }
    } catch (OffsetOutOfRangeException e) {
      // Retention has deleted the records at this position.
      consumer.seek(source, consumer.beginningOffsets(List.of(source)).getOrDefault(source, to));
    }
    return consumer.position(source);
  }
}
