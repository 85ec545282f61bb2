// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of QoS 0 messages may wait for full sockets, over all connections of a connector.
 * Thread-safe.
 */
final class Qos0Budget {

  private final long bytesMax;
  private final AtomicLong taken = new AtomicLong();

  Qos0Budget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Takes {@code bytes}; returns false, and takes none, where that would exceed the bound. */
  boolean take(int bytes) {
    if (taken.addAndGet(bytes) <= bytesMax) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Gives back {@code bytes} that were taken. */
  void give(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes that are taken now. */
  long taken() {
    return taken.get();
  }
}
