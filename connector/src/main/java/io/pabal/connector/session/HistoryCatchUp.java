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
 * Brings the subscriptions of one session through what their timelines no longer have: reads it
 * from Kafka, one page at a time, and hands them back to {@link CatchUp}. On the session's event
 * loop only.
 *
 * <p>A gap is reported only when Kafka does not have the positions either, and once: each page,
 * with messages or without, moves the subscription on, so nothing is looked for twice, not even by
 * the session's next connection.
 *
 * <p>What is pushed meanwhile is not kept. The subscription comes back to the live flow by way of
 * the timeline, as ever.
 *
 * <h2>Bounds</h2>
 *
 * <p>One read at a time per session, in turn for its subscriptions; at most {@value #COUNT_MAX}
 * messages and what the in-flight window has room for, and about {@value #BYTES_MAX} bytes. When
 * too many sessions read, or Kafka refuses, the session tries again {@value Retry#DELAY_MILLIS} ms
 * later.
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

  /** Hands each subscription to {@code done} that has got through. */
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

  /** Takes on a subscription whose timeline lacks what lies up to {@code through}. */
  void add(Subscription subscription, long through) {
    lacking.add(new Lack(subscription, through));
    pump();
  }

  /** The subscription is gone: what is read for it is not wanted any more. */
  void left(Subscription subscription) {
    if (reading != null && reading.subscription() == subscription && page != null) {
      page.cancel(false);
    }
  }

  /** Goes on if there is something to read and the session can take it. */
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
      // Nobody waits for it.
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
      // What lies before it was sent; the rest is read again.
      lacking.add(lack);
      retry.failed(lack.subscription(), e);
    }
  }

  /** Sends the page as far as the session takes it; whether the subscription has got through. */
  private boolean take(Lack lack, HistoryPage found) {
    Subscription subscription = lack.subscription();
    // What Kafka lacks of a repeat was sent when it was there.
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
