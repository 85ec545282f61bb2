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
 * page at a time, and then returns each subscription to {@link CatchUp}. Used on the session's
 * event loop only.
 *
 * <p>A gap is reported only when Kafka does not have the positions either, and only once. Each
 * page, with messages or without, advances the subscription. So no position is searched twice, not
 * even by the session's next connection.
 *
 * <p>Messages pushed during the read are not buffered. The subscription becomes live again by
 * reading the timeline, as always.
 *
 * <h2>Bounds</h2>
 *
 * <p>One read at a time per session, in turn for its subscriptions. A page has at most {@value
 * #COUNT_MAX} messages, at most as many as the in-flight window has room for, and about {@value
 * #BYTES_MAX} bytes. When too many sessions read, or Kafka refuses, the session tries again {@value
 * Retry#DELAY_MILLIS} ms later.
 */
final class HistoryCatchUp {

  private static final int COUNT_MAX = 128;
  private static final int BYTES_MAX = 256 * 1024;

  /** One subscription that misses everything up to {@code through}. */
  private record Lack(Subscription subscription, long through) {}

  private final Session session;
  private final HistoryReader history;
  private final ConnectorMetrics metrics;
  private final PastMessages past;
  private final Consumer<Subscription> done;
  private final Retry retry;
  private final ArrayDeque<Lack> lacking = new ArrayDeque<>(2);
  private @Nullable Lack reading;
  private long readBegunNanos;
  private @Nullable CompletableFuture<HistoryPage> page;

  /** Passes each subscription to {@code done} when its missing messages were read. */
  HistoryCatchUp(Session session, SessionServices services, Consumer<Subscription> done) {
    this.session = session;
    this.history = services.history();
    this.metrics = services.metrics();
    this.past = new PastMessages(services.messages(), metrics);
    this.done = done;
    this.retry = new Retry(session, "history", this::pump);
  }

  boolean isIdle() {
    return lacking.isEmpty() && reading == null;
  }

  /** Adds a subscription whose timeline lacks the messages up to {@code through}. */
  void add(Subscription subscription, long through) {
    lacking.add(new Lack(subscription, through));
    pump();
  }

  /** The subscription is gone; a read in progress for it is cancelled. */
  void left(Subscription subscription) {
    if (reading != null && reading.subscription() == subscription && page != null) {
      page.cancel(false);
    }
  }

  /** Starts the next read if a subscription needs one and the session has room. */
  void pump() {
    while (reading == null && !retry.isPending() && session.sender().takesPage()) {
      Lack next = lacking.poll();
      if (next == null) {
        return;
      }
      if (!next.subscription().isGone()) {
        read(next);
      }
    }
  }

  private void read(Lack lack) {
    reading = lack;
    readBegunNanos = System.nanoTime();
    metrics.historyReads.increment();
    var address = lack.subscription().address();
    page =
        history.read(
            address.name(),
            address.partition(),
            lack.subscription().at(),
            lack.through(),
            Math.min(COUNT_MAX, session.sender().room()),
            BYTES_MAX);
    var _ =
        page.whenComplete(
            (found, error) -> session.onEventLoop(() -> answered(lack, found, error)));
  }

  private void answered(Lack lack, HistoryPage found, @Nullable Throwable error) {
    reading = null;
    page = null;
    metrics.historyPageDelay.record(System.nanoTime() - readBegunNanos);
    if (lack.subscription().isGone()) {
      // The subscription is gone, so the page is dropped.
    } else if (error instanceof HistoryBusyException) {
      lacking.add(lack);
      retry.later();
    } else if (error != null) {
      lacking.add(lack);
      retry.failed(lack.subscription(), error);
    } else {
      taken(lack, found);
    }
    pump();
  }

  private void taken(Lack lack, HistoryPage found) {
    try {
      boolean through = take(lack, found);
      retry.succeeded();
      if (through) {
        done.accept(lack.subscription());
      } else {
        lacking.add(lack);
      }
    } catch (SchemaPendingException e) {
      // The messages before this one were sent; the rest is read again.
      lacking.add(lack);
      retry.failed(lack.subscription(), e);
    }
  }

  /** Sends what the session has room for. Returns whether the lacking range was read in full. */
  private boolean take(Lack lack, HistoryPage found) {
    Subscription subscription = lack.subscription();
    // Positions of a repeat that Kafka lacks are no gap: they were sent before.
    if (found.missingThrough() > subscription.at() && !subscription.isRepeating()) {
      session.reportGap(subscription, subscription.sent() + 1, found.missingThrough());
    }
    for (HistoryEntry entry : found.entries()) {
      if (!past.send(subscription, entry.offset(), entry.value())) {
        return false;
      }
    }
    subscription.passed(found.scannedThrough());
    return subscription.at() >= lack.through();
  }
}
