// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.process;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Polls for conditions that no event reports. */
public final class Await {

  private static final long TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(3);
  private static final long INTERVAL_MILLIS = 50;

  private Await() {}

  /** Waits for the end of {@code thread}, or until this thread is interrupted. */
  public static void end(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns when {@code condition} holds.
   *
   * @param what it is, for the error
   * @throws IllegalStateException when it does not within three minutes
   */
  public static void until(String what, Callable<Boolean> condition) throws Exception {
    long begunNanos = System.nanoTime();
    while (!condition.call()) {
      pause(what, begunNanos);
    }
  }

  /**
   * Sleeps for a moment in a loop that waits.
   *
   * @throws IllegalStateException when the loop began more than three minutes ago
   */
  public static void pause(String what, long begunNanos) throws InterruptedException {
    if (System.nanoTime() - begunNanos > TIMEOUT_NANOS) {
      throw new IllegalStateException(
          "waited for %s, in vain for %d s"
              .formatted(what, TimeUnit.NANOSECONDS.toSeconds(TIMEOUT_NANOS)));
    }
    Thread.sleep(INTERVAL_MILLIS);
  }
}
