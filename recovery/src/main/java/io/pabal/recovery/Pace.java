// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import java.util.concurrent.TimeUnit;

/** A limit of the messages that are processed per second. For one thread; blocks. */
public final class Pace {

  private final long messagesPerSecond;
  private final long beganNanos = System.nanoTime();
  private long count;

  /** A limit of {@code messagesPerSecond}, from now on; 0 means no limit. */
  public Pace(long messagesPerSecond) {
    this.messagesPerSecond = messagesPerSecond;
  }

  /** Counts {@code messages}, and sleeps until the limit allows all messages counted so far. */
  public void spend(long messages) throws InterruptedException {
    count += messages;
    if (messagesPerSecond > 0) {
      long dueNanos = (long) (count * 1e9 / messagesPerSecond);
      TimeUnit.NANOSECONDS.sleep(dueNanos - (System.nanoTime() - beganNanos));
    }
  }

  /** The time since this limit was created. */
  public long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
  }
}
