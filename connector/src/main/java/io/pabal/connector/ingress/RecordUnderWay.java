// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One record from its PUBLISH until its final answer. It may be sent through several producers, one
 * after the other, and is the callback of each of them.
 */
final class RecordUnderWay implements Callback {

  private final Ingress ingress;
  private final ProducerRecord<byte[], byte[]> record;
  private final int bytes;
  private final AckQueue queue;
  private final Callback answered;
  private final long order;
  private final long begunNanos = System.nanoTime();

  /** The lane that has the record now. Written by the thread that sends, before it sends. */
  private @Nullable Lane lane;

  private @Nullable Thread sender;

  /** Whether Kafka refused the record for itself, or for another record in its batch. */
  private boolean suspect;

  private boolean done;

  /**
   * @param bytes the size of the record, as {@link RecordSize} counts it
   * @param queue the answers of the publisher's connection
   * @param answered gets the final answer
   * @param order increases with each message of a publisher
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

  /**
   * Whether the connection of its publisher is given up: then the client sends the message again by
   * itself.
   */
  boolean isAbandoned() {
    return queue.hasFailed();
  }

  /** Notes that the calling thread is about to send the record through {@code next}. */
  void sendingThrough(Lane next) {
    lane = next;
    sender = Thread.currentThread();
    suspect = false;
  }

  @Override
  public void onCompletion(RecordMetadata metadata, @Nullable Exception error) {
    Lane used = lane;
    if (error == null || used == null) {
      ingress.answer(this, metadata, error);
    } else {
      suspect = Lane.isRecordsOwn(error);
      ingress.failed(this, used, error, Thread.currentThread().equals(sender));
    }
  }

  /**
   * Hands the final answer to the publisher. Returns false, and does nothing, when the record has a
   * final answer already.
   */
  boolean answer(RecordMetadata metadata, @Nullable Exception error) {
    if (done) {
      return false;
    }
    done = true;
    answered.onCompletion(metadata, error);
    return true;
  }
}
