// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import java.util.concurrent.TimeUnit;

/** Keeps to a number of messages a second. For one thread. */
public final class Pace {

  private final long messagesPerSecond;
  private final long beganNanos = System.nanoTime();
  private long count;

  /** A pace of {@code messagesPerSecond}; 0 for none. */
  public Pace(long messagesPerSecond) {
    this.messagesPerSecond = messagesPerSecond;
  }

  /** Counts messages, and waits until that many were due. */
  public void spend(long messages) throws InterruptedException {
    count += messages;
    if (messagesPerSecond > 0) {
      long dueNanos = (long) (count * 1e9 / messagesPerSecond);
      TimeUnit.NANOSECONDS.sleep(dueNanos - (System.nanoTime() - beganNanos));
    }
  }

  /** The time since it began. */
  public long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
  }
}
