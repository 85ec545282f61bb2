// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.loop.Mailbox;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The publishes of one connection that have no answer yet. PUBACKs are sent in the order in which
 * the QoS 1 PUBLISH packets were received (MQTT 5 and 3.1.1, 4.6), although Kafka's partitions may
 * answer in another order. After a failed append no PUBACK is sent. A message that Kafka refused
 * for itself is answered at its place in that order, too. Used on the connection's event loop only,
 * unless a method says otherwise.
 */
public final class AckQueue {

  private final Mailbox<Append> completions;
  private final Publisher publisher;
  private final ArrayDeque<Append> waiting = new ArrayDeque<>(2);
  private boolean closed;

  /**
   * Why no further message of this connection is appended. Set before a new producer can be used.
   */
  private volatile @Nullable Exception failure;

  /** A queue whose completions arrive through the mailbox of the connection's loop. */
  public AckQueue(Mailbox<Append> completions, Publisher publisher) {
    this.completions = completions;
    this.publisher = publisher;
  }

  /** The number of QoS 1 publishes that wait for their answer. */
  public int size() {
    return waiting.size();
  }

  void add(Append append) {
    waiting.add(append);
  }

  /**
   * Refuses a QoS 1 publish that is not handed to Kafka. The refusal is sent after the answers to
   * all earlier publishes.
   */
  public void refuse(int packetId, AppendRefusedException refusal) {
    Append append = new Append(this, packetId);
    append.answer(refusal);
    append.settle();
    waiting.add(append);
    release();
  }

  /**
   * Notes that an append failed: no further message of this connection may be appended. Called by
   * any thread.
   */
  void fail(Exception cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /** Whether {@link #fail} was called. Called by any thread. */
  boolean hasFailed() {
    return failure != null;
  }

  /** As {@link Publisher#outlivesRefusal}. Called by any thread. */
  boolean outlivesRefusal() {
    return publisher.outlivesRefusal();
  }

  /** Hands an answered append to the connection's event loop. Called by any thread. */
  void post(Append append) {
    completions.post(append);
  }

  /**
   * Marks the appends of one burst as answered, then sends, for each connection, the answers that
   * are at the head of its queue. Called by the event loop's mailbox.
   */
  public static void settle(Iterable<Append> burst) {
    for (Append append : burst) {
      append.settle();
    }
    for (Append append : burst) {
      append.queue().released(append);
    }
  }

  /**
   * Sends the answers that are at the head. A failure closes this connection only: the other
   * connections of the burst still get their PUBACKs.
   */
  private void released(Append append) {
    try {
      if (append.isAtMostOnce()) {
        close();
      } else {
        release();
      }
    } catch (Throwable e) {
      publisher.failed(e);
    }
  }

  private void release() {
    while (!closed) {
      Append head = waiting.peek();
      if (head == null || !head.isSettled()) {
        return;
      }
      waiting.remove();
      Exception error = head.error();
      if (error == null) {
        publisher.acknowledge(head.packetId());
      } else if (error instanceof AppendRefusedException refusal && publisher.outlivesRefusal()) {
        publisher.refuse(head.packetId(), refusal);
      } else {
        fail(error);
        close();
      }
    }
  }

  private void close() {
    Exception cause = failure;
    if (!closed && cause != null) {
      closed = true;
      publisher.appendFailed(cause);
    }
  }
}
