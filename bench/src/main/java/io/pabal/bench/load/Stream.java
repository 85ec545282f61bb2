// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.PublishTemplate;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The messages of one address: how many were sent, and which of the newest have not reached all
 * subscribers yet. Used on the publisher's loop, except {@link #arrived}.
 */
final class Stream {

  /** No bound on the messages in flight to the subscribers. */
  static final int UNBOUNDED = 0;

  private final int number;
  private final String address;
  private final PublishTemplate template;
  private final int subscribers;
  private final AtomicIntegerArray awaited;
  private long sent;
  private long taken;
  private long completed;

  /**
   * A stream without messages.
   *
   * @param window how many messages may be in flight to one of {@code subscribers}
   */
  Stream(int number, String address, PublishTemplate template, int subscribers, int window) {
    this.number = number;
    this.address = address;
    this.template = template;
    this.subscribers = subscribers;
    this.awaited = new AtomicIntegerArray(window);
  }

  int number() {
    return number;
  }

  String address() {
    return address;
  }

  int qos() {
    return template.qos();
  }

  /** How many were sent. */
  long sent() {
    return sent;
  }

  /** How many the server has taken: all that it acknowledged, and at QoS 0 all that were sent. */
  long taken() {
    return taken;
  }

  /** The server has taken the next one. */
  void take() {
    taken++;
  }

  /** Whether the window has room. */
  boolean hasRoom() {
    return awaited.length() == UNBOUNDED || awaitedCount() < awaited.length();
  }

  /** Whether all messages have reached all subscribers; always true without a window. */
  boolean isComplete() {
    return awaited.length() == UNBOUNDED || awaitedCount() == 0;
  }

  private long awaitedCount() {
    while (completed < sent && awaited.get(slot(completed)) <= 0) {
      completed++;
    }
    return sent - completed;
  }

  /** Sends the next message. */
  void send(Connection connection, int packetId, long intendedNanos) {
    if (awaited.length() != UNBOUNDED) {
      awaited.set(slot(sent), subscribers);
    }
    connection.publish(template, packetId, number, sent, intendedNanos);
    sent++;
  }

  /** One subscriber has or lost the message. True if it is the last one. On any thread. */
  boolean arrived(long message) {
    return awaited.length() != UNBOUNDED && awaited.decrementAndGet(slot(message)) == 0;
  }

  private int slot(long message) {
    return (int) (message % awaited.length());
  }
}
