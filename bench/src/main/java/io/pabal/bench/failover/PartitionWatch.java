// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

/**
 * The deliveries of one partition of {@code messages}. As a connector does, it drops messages at or
 * below the highest position seen. Every message of the partition is to be delivered, so the
 * positions have to grow one by one. Safe for use by many threads.
 */
final class PartitionWatch {

  private long seen = -1;
  private long lastNanos = System.nanoTime();
  private long longestPauseNanos;
  private long resumedNanos;
  private long skipped;
  private long repeated;

  /** A message came. */
  synchronized void delivered(long offset, long atNanos) {
    if (offset <= seen) {
      repeated++;
      return;
    }
    skipped += offset - seen - 1;
    seen = offset;
    long pauseNanos = atNanos - lastNanos;
    if (pauseNanos > longestPauseNanos) {
      longestPauseNanos = pauseNanos;
      resumedNanos = atNanos;
    }
    lastNanos = atNanos;
  }

  /** Forgets pauses and repetitions so far. */
  synchronized void startWindow(long atNanos) {
    longestPauseNanos = 0;
    resumedNanos = atNanos;
    repeated = 0;
  }

  /** The longest time between two new messages, the second of which is in the window. */
  synchronized long longestPauseNanos() {
    return longestPauseNanos;
  }

  /** When the longest pause ended. */
  synchronized long resumedNanos() {
    return resumedNanos;
  }

  /** The highest offset so far, -1 for none. */
  synchronized long seen() {
    return seen;
  }

  /** Messages that a later one of the partition overtook: lost, or out of order. */
  synchronized long skipped() {
    return skipped;
  }

  /** Messages of the window that came again, and were dropped. */
  synchronized long repeated() {
    return repeated;
  }
}
