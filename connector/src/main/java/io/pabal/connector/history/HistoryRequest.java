// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One requested range, with the messages that a pass has found. Used by the reader's thread only,
 * except {@link #page}.
 */
final class HistoryRequest {

  private final String feed;
  private final int partition;
  private final long after;
  private final long through;
  private final int countMax;
  private final int bytesMax;
  private final CompletableFuture<HistoryPage> page = new CompletableFuture<>();
  private final List<HistoryEntry> found = new ArrayList<>();
  private int foundBytes;

  HistoryRequest(String feed, int partition, long after, long through, int countMax, int bytesMax) {
    this.feed = feed;
    this.partition = partition;
    this.after = after;
    this.through = through;
    this.countMax = countMax;
    this.bytesMax = bytesMax;
  }

  /** Completes with the page. The caller cancels it when the page is not needed. Any thread. */
  CompletableFuture<HistoryPage> page() {
    return page;
  }

  /** Whether the request is answered, failed or cancelled. Any thread. */
  boolean isDone() {
    return page.isDone();
  }

  /** The prefix of the addresses that are requested. */
  String feed() {
    return feed;
  }

  int partition() {
    return partition;
  }

  long after() {
    return after;
  }

  long through() {
    return through;
  }

  /** Whether the page takes no further message. */
  boolean isFull() {
    return found.size() >= countMax || foundBytes >= bytesMax;
  }

  /** Adds a message of the feed, unless it lies outside the range or the page is full. */
  void take(String address, long offset, byte[] value) {
    if (offset > after && offset <= through && !isFull()) {
      found.add(new HistoryEntry(address, offset, value));
      foundBytes += value.length;
    }
  }

  /** Completes the page with the messages found, if {@code scannedThrough} reaches its range. */
  void answer(long scannedThrough) {
    if (scannedThrough > after) {
      long reached = isFull() ? found.getLast().offset() : Math.min(scannedThrough, through);
      page.complete(new HistoryPage(List.copyOf(found), reached, -1));
    }
  }

  /**
   * Completes the page without messages, if its range begins before {@code beginning}, the first
   * offset that Kafka still has.
   */
  void answerMissing(long beginning) {
    if (beginning - 1 > after) {
      long missing = Math.min(beginning - 1, through);
      page.complete(new HistoryPage(List.of(), missing, missing));
    }
  }

  void fail(RuntimeException cause) {
    page.completeExceptionally(cause);
  }
}
