// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One record from the PUBLISH until its answer is final, through as many producers as that takes.
 * The callback of its producer.
 */
final class RecordUnderWay implements Callback {

  private final Ingress ingress;
  private final ProducerRecord<byte[], byte[]> record;
  private final int bytes;
  private final AckQueue queue;
  private final Callback answered;
  private final long order;
  private final long begunNanos = System.nanoTime();

  /** Written by the thread that sends, before it sends. */
  private @Nullable Lane lane;

  private @Nullable Thread sender;

  /** It was refused for itself, or for another one in its batch. */
  private boolean suspect;

  private boolean done;

  /**
   * @param order grows along the messages of a publisher
   * @param bytes as {@link RecordSize} counts them
   * @param answered is given the final answer
   */
  RecordUnderWay(
      Ingress ingress,
      ProducerRecord<byte[], byte[]> record,
      int bytes,
      AckQueue queue,
      Callback answered,
      long order) {
    this.ingress = ingress;
    this.record = record;
    this.bytes = bytes;
    this.queue = queue;
    this.answered = answered;
    this.order = order;
  }

  ProducerRecord<byte[], byte[]> record() {
    return record;
  }

  int partition() {
    return record.partition();
  }

  int bytes() {
    return bytes;
  }

  long order() {
    return order;
  }

  long begunNanos() {
    return begunNanos;
  }

  boolean isSuspect() {
    return suspect;
  }

  /** Whether its publisher's connection is given up: the client sends it again by itself. */
  boolean isAbandoned() {
    return queue.hasFailed();
  }

  /** It is about to be sent by this thread. */
  void through(Lane next) {
    lane = next;
    sender = Thread.currentThread();
    suspect = false;
  }

  @Override
  public void onCompletion(RecordMetadata metadata, @Nullable Exception error) {
    Lane through = lane;
    if (error == null || through == null) {
      ingress.answer(this, metadata, error);
    } else {
      suspect = Lane.isRecordsOwn(error);
      ingress.failed(this, through, error, Thread.currentThread().equals(sender));
    }
  }

  /** Hands the final answer to the publisher; false when it has one already. */
  boolean answer(RecordMetadata metadata, @Nullable Exception error) {
    if (done) {
      return false;
    }
    done = true;
    answered.onCompletion(metadata, error);
    return true;
  }
}
