// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.connector.loop.Mailbox;
import java.util.ArrayDeque;

/**
 * The QoS 1 publishes of one connection that are not acknowledged yet. PUBACKs leave in the order
 * in which the PUBLISHes came (MQTT 5 and 3.1.1, 4.6), whatever order Kafka's partitions
 * acknowledge in; after one that failed none leaves. On the connection's event loop only.
 */
public final class AckQueue {

  /** The connection that the acknowledgements go to. */
  public interface Receiver {
    /** Kafka has the message; the PUBACK may leave. */
    void acknowledge(int packetId);

    /** Kafka did not take the message, for good; the connection has to be closed. Called once. */
    void appendFailed(Exception cause);
  }

  private final Mailbox<Append> completions;
  private final Receiver receiver;
  private final ArrayDeque<Append> waiting = new ArrayDeque<>();
  private boolean closed;

  /** Set by Kafka's thread, before a new producer can be used. */
  private volatile boolean failed;

  /** A queue whose completions arrive through the mailbox of the connection's loop. */
  public AckQueue(Mailbox<Append> completions, Receiver receiver) {
    this.completions = completions;
    this.receiver = receiver;
  }

  /** How many publishes wait for Kafka. */
  public int size() {
    return waiting.size();
  }

  void add(Append append) {
    waiting.add(append);
  }

  /** An append failed: nothing more of this connection may be appended. Any thread. */
  void fail() {
    failed = true;
  }

  boolean hasFailed() {
    return failed;
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
      append.queue().release();
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
        receiver.acknowledge(head.packetId());
      } else {
        closed = true;
        receiver.appendFailed(error);
      }
    }
  }
}
