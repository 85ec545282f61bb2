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
 * One producer and, once it has failed, the records that it leaves to the next producer.
 * Thread-safe.
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

  /**
   * Notes a failure. Returns true for the first failure, which decides whether the producer's other
   * records fail or are sent again.
   */
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

  /**
   * Whether the first failure was caused by a record itself, so that the other records are sent
   * again.
   */
  boolean failedByRecord() {
    Exception first = cause;
    return first != null && isRecordsOwn(first);
  }

  /**
   * Keeps a record for the next producer. Returns false, and does not keep it, when the next
   * producer has taken over already.
   */
  synchronized boolean keep(RecordUnderWay record) {
    return !handedOver && unanswered.add(record);
  }

  /**
   * Takes the kept records, in the order in which they were appended. When there are none, runs
   * {@code handOver}: the next producer takes over, and from then on no record is kept here.
   */
  synchronized List<RecordUnderWay> takeOrHandOver(Runnable handOver) {
    if (unanswered.isEmpty()) {
      handedOver = true;
      handOver.run();
      return List.of();
    }
    return take();
  }

  /** Takes the kept records, in the order in which they were appended. */
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
   * Whether the record itself, or another record in its batch, caused the failure: Kafka works, and
   * would refuse the same record again. Timeouts, lost connections, missing rights and wrong clocks
   * affect all records, so they are not a record's own failure.
   */
  static boolean isRecordsOwn(Throwable failure) {
    return failure instanceof RecordTooLargeException
        || failure instanceof RecordBatchTooLargeException
        || failure instanceof InvalidRecordException
        || failure instanceof PolicyViolationException
        || isInBatchOfInvalid(failure);
  }

  /** Recognizes the failure that Kafka's client reports for valid records of a refused batch. */
  private static boolean isInBatchOfInvalid(Throwable failure) {
    return failure instanceof KafkaException
        && failure.getMessage() != null
        && failure
            .getMessage()
            .startsWith("Failed to append record because it was part of a batch");
  }
}
