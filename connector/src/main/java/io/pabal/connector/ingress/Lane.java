// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * One producer, and once it has failed what it leaves to the next one. Safe for use by many
 * threads.
 */
final class Lane {

  private final Producer<byte[], byte[]> producer;
  private final List<RecordUnderWay> unanswered = new ArrayList<>();
  private volatile @Nullable Exception cause;
  private boolean handedOver;

  Lane(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  Producer<byte[], byte[]> producer() {
    return producer;
  }

  /** Notes a failure; true for the first one, which decides what becomes of the others. */
  synchronized boolean fail(Exception failure) {
    if (cause != null) {
      return false;
    }
    cause = failure;
    return true;
  }

  boolean hasFailed() {
    return cause != null;
  }

  /** Whether the first failure was a record's own, so that the other records are sent again. */
  boolean failedByRecord() {
    Exception first = cause;
    return first != null && isRecordsOwn(first);
  }

  /** Keeps a record for the next producer; false when that one has taken over already. */
  synchronized boolean keep(RecordUnderWay record) {
    return !handedOver && unanswered.add(record);
  }

  /** What was kept, in the order of its appending; hands over when there is nothing. */
  synchronized List<RecordUnderWay> takeOrHandOver(Runnable handOver) {
    if (unanswered.isEmpty()) {
      handedOver = true;
      handOver.run();
      return List.of();
    }
    return take();
  }

  /** What was kept, in the order of its appending. */
  synchronized List<RecordUnderWay> take() {
    List<RecordUnderWay> taken = new ArrayList<>(unanswered);
    unanswered.clear();
    taken.sort(Comparator.comparingLong(RecordUnderWay::order));
    return taken;
  }

  void close(Duration timeout) {
    producer.close(timeout);
  }

  /**
   * Whether a failure is that of the record, or of one in its batch: Kafka is well, and the same
   * record would be refused again. Timeouts, lost connections, rights and clocks concern all
   * records.
   */
  static boolean isRecordsOwn(Throwable failure) {
    return failure instanceof RecordTooLargeException
        || failure instanceof RecordBatchTooLargeException
        || failure instanceof InvalidRecordException
        || failure instanceof PolicyViolationException
        || isInBatchOfInvalid(failure);
  }

  /** What Kafka's client answers for the valid records of a batch that had an invalid one. */
  private static boolean isInBatchOfInvalid(Throwable failure) {
    return failure instanceof KafkaException
        && failure.getMessage() != null
        && failure
            .getMessage()
            .startsWith("Failed to append record because it was part of a batch");
  }
}
