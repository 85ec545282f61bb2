// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.history.HistoryBusyException;
import io.pabal.connector.history.HistoryEntry;
import io.pabal.connector.history.HistoryPage;
import io.pabal.connector.history.HistoryReader;
import io.pabal.schemas.SchemaPendingException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The catch-up of one session from Kafka: reads the messages that the timelines no longer have, one
 * page at a time, and then returns each feed to {@link CatchUp}. Used on the session's event loop
 * only.
 *
 * <p>A gap is reported only when Kafka does not have the positions either, and only once. A page
 * that was sent in full advances the feed, also when the page has no messages. So its positions are
 * not searched again, and once the stored cursor has passed them, not by the session's next
 * connection either.
 *
 * <p>Messages pushed during the read are not buffered. The feed becomes live again by reading the
 * timeline, as always.
 *
 * <h2>Bounds</h2>
 *
 * <p>One Kafka read at a time per session, in turn for its feeds. A page has at most {@value
 * #COUNT_MAX} messages, at most as many as the in-flight window has room for, and about {@value
 * #BYTES_MAX} bytes. When too many sessions read, or the read fails, the session tries again
 * {@value Retry#DELAY_MILLIS} ms later.
 */
final class HistoryCatchUp {

  private static final int COUNT_MAX = 128;
  private static final int BYTES_MAX = 256 * 1024;

  /** The range from a feed's read position to {@code through}, to be read from Kafka. */
  private record MissingRange(SessionFeed feed, long through) {}

  private final Session session;
  private final HistoryReader history;
  private final ConnectorMetrics metrics;
  private final PastMessages past;
  private final Consumer<SessionFeed> done;
  private final Retry retry;
  private final ArrayDeque<MissingRange> missing = new ArrayDeque<>(2);
  private @Nullable MissingRange reading;
  private long readBegunNanos;
  private @Nullable CompletableFuture<HistoryPage> page;

  /** Passes each feed to {@code done} when its missing range was read in full. */
  HistoryCatchUp(Session session, SessionServices services, Consumer<SessionFeed> done) {
    this.session = session;
    this.history = services.history();
    this.metrics = services.metrics();
    this.past = new PastMessages(services.messages(), metrics);
    this.done = done;
    this.retry = new Retry(session, "history", this::pump);
  }

  boolean isIdle() {
    return missing.isEmpty() && reading == null;
  }

  /** Adds a feed whose timeline lacks the messages up to {@code through}. */
  void add(SessionFeed feed, long through) {
    missing.add(new MissingRange(feed, through));
    pump();
  }

  /** The feed is gone; a read in progress for it is cancelled. */
  void left(SessionFeed feed) {
    if (reading != null && reading.feed() == feed && page != null) {
      page.cancel(false);
    }
  }

  /** Starts the next read if a feed needs one and the session has room. */
  void pump() {
    while (reading == null && !retry.isPending() && session.sender().takesPage()) {
      MissingRange next = missing.poll();
      if (next == null) {
        return;
      }
      if (!next.feed().isGone()) {
        read(next);
      }
    }
  }

  private void read(MissingRange range) {
    reading = range;
    readBegunNanos = System.nanoTime();
    metrics.historyReads.increment();
    var source = range.feed().feed();
    page =
        history.read(
            source.name(),
            source.partition(),
            range.feed().at(),
            range.through(),
            Math.min(COUNT_MAX, session.sender().room()),
            BYTES_MAX);
    var _ =
        page.whenComplete(
            (found, error) -> session.onEventLoop(() -> answered(range, found, error)));
  }

  private void answered(MissingRange range, HistoryPage found, @Nullable Throwable error) {
    reading = null;
    page = null;
    metrics.historyPageDelay.record(System.nanoTime() - readBegunNanos);
    if (range.feed().isGone()) {
      // The feed is gone, so the page is dropped.
    } else if (error instanceof HistoryBusyException) {
      missing.add(range);
      retry.later();
    } else if (error != null) {
      missing.add(range);
      retry.failed(range.feed(), error);
    } else {
      taken(range, found);
    }
    pump();
  }

  private void taken(MissingRange range, HistoryPage found) {
    try {
      boolean through = take(range, found);
      retry.succeeded();
      if (through) {
        done.accept(range.feed());
      } else {
        missing.add(range);
      }
    } catch (SchemaPendingException e) {
      // The messages before this one were sent; the rest is read again.
      missing.add(range);
      retry.failed(range.feed(), e);
    }
  }

  /**
   * Sends the messages that the session has room for. Returns whether the missing range was read in
   * full.
   */
  private boolean take(MissingRange range, HistoryPage found) {
    SessionFeed feed = range.feed();
    // Positions of a repeat that Kafka lacks are no gap: they lie at or below `sent`, so the
    // client is not owed their messages.
    if (found.missingThrough() > feed.at() && !feed.isRepeating()) {
      session.reportGap(feed, feed.sent() + 1, found.missingThrough());
    }
    for (HistoryEntry entry : found.entries()) {
      if (!past.send(feed, entry.address(), entry.offset(), entry.value())) {
        return false;
      }
    }
    feed.passed(found.scannedThrough());
    return feed.at() >= range.through();
  }
}
