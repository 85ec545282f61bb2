// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One range that somebody waits for, with what a pass has found of it. Used by the reader's thread
 * only, but for {@link #page}.
 */
final class HistoryRequest {

  private final ByteBuffer key;
  private final int partition;
  private final long after;
  private final long through;
  private final int countMax;
  private final int bytesMax;
  private final CompletableFuture<HistoryPage> page = new CompletableFuture<>();
  private final List<HistoryEntry> found = new ArrayList<>();
  private int foundBytes;

  HistoryRequest(
      String address, int partition, long after, long through, int countMax, int bytesMax) {
    this.key = ByteBuffer.wrap(address.getBytes(StandardCharsets.UTF_8));
    this.partition = partition;
    this.after = after;
    this.through = through;
    this.countMax = countMax;
    this.bytesMax = bytesMax;
  }

  /** Completes with the page; nobody wants it any more when it was cancelled. Any thread. */
  CompletableFuture<HistoryPage> page() {
    return page;
  }

  boolean isDone() {
    return page.isDone();
  }

  /** The key of the address's records. */
  ByteBuffer key() {
    return key;
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

  /** Whether the page takes no more. */
  boolean isFull() {
    return found.size() >= countMax || foundBytes >= bytesMax;
  }

  /** Takes a message of the address, unless it lies outside the range or the page is full. */
  void take(long offset, byte[] value) {
    if (offset > after && offset <= through && !isFull()) {
      found.add(new HistoryEntry(offset, value));
      foundBytes += value.length;
    }
  }

  /** Answers with what was found up to {@code scannedThrough}, if that is beyond the beginning. */
  void answer(long scannedThrough) {
    if (scannedThrough > after) {
      long reached = isFull() ? found.getLast().offset() : Math.min(scannedThrough, through);
      page.complete(new HistoryPage(List.copyOf(found), reached, -1));
    }
  }

  /** Answers that everything before {@code beginning} is gone, if that concerns the range. */
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
