// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.loop.Mailbox;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The publishes of one connection that have no answer yet. PUBACKs leave in the order in which the
 * QoS 1 PUBLISHes came (MQTT 5 and 3.1.1, 4.6), whatever order Kafka's partitions answer in; after
 * one that failed none leaves. A message that is refused for itself has its place in that order,
 * too. On the connection's event loop only, unless a method says otherwise.
 */
public final class AckQueue {

  private final Mailbox<Append> completions;
  private final Publisher publisher;
  private final ArrayDeque<Append> waiting = new ArrayDeque<>(2);
  private boolean closed;

  /** Why nothing more of this connection is appended; set before a new producer can be used. */
  private volatile @Nullable Exception failure;

  /** A queue whose completions arrive through the mailbox of the connection's loop. */
  public AckQueue(Mailbox<Append> completions, Publisher publisher) {
    this.completions = completions;
    this.publisher = publisher;
  }

  /** How many QoS 1 publishes wait for their answer. */
  public int size() {
    return waiting.size();
  }

  void add(Append append) {
    waiting.add(append);
  }

  /** Answers a QoS 1 publish that is not handed to Kafka, in its turn. */
  public void refuse(int packetId, AppendRefusedException refusal) {
    Append append = new Append(this, packetId);
    append.answer(refusal);
    append.settle();
    waiting.add(append);
    release();
  }

  /** An append failed: nothing more of this connection may be appended. Any thread. */
  void fail(Exception cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /** Any thread. */
  boolean hasFailed() {
    return failure != null;
  }

  /** As {@link Publisher#outlivesRefusal}. Any thread. */
  boolean outlivesRefusal() {
    return publisher.outlivesRefusal();
  }

  /** Called by any thread. */
  void post(Append append) {
    completions.post(append);
  }

  /**
   * Marks the appends of one burst, then lets go what stands at the head. What the loop's mailbox
   * calls.
   */
  public static void settle(Iterable<Append> burst) {
    for (Append append : burst) {
      append.settle();
    }
    for (Append append : burst) {
      append.queue().released(append);
    }
  }

  /** One connection that fails here must not cost the others of the burst their PUBACKs. */
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
