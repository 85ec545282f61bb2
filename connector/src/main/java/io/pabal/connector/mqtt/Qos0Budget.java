// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of QoS 0 messages may wait for sockets that are full, over all connections of a
 * connector. Any thread.
 */
final class Qos0Budget {

  private final long bytesMax;
  private final AtomicLong taken = new AtomicLong();

  Qos0Budget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Takes so many bytes; false, and nothing happened, when they exceed the bound. */
  boolean take(int bytes) {
    if (taken.addAndGet(bytes) <= bytesMax) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  void give(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes that wait now. */
  long taken() {
    return taken.get();
  }
}
