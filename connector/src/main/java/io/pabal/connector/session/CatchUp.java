// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Delivery;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.sessioncache.timeline.TimelineEntry;
import io.pabal.sessioncache.timeline.TimelinePage;
import io.pabal.sessioncache.timeline.TimelineReader;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Brings the subscriptions of one session that are behind back to the live flow, one page of the
 * timeline at a time. Exists only while some are. On the session's event loop only.
 *
 * <h2>Joining without gap or disorder</h2>
 *
 * <p>A page is asked for up to {@code through}, the newest position of the address at that moment.
 * What is pushed while the read is under way lies beyond {@code through} and is kept, at most
 * {@value #JOINING_MAX} messages of one address. When the page has reached {@code through} and all
 * that was kept fits into the window, the subscription is live again: it has everything up to the
 * last message that the event loop applied. When it does not fit, when there was more than could be
 * kept, or when an activation said meanwhile that there may be messages which nobody pushed, what
 * was kept is dropped and read from the timeline next time.
 *
 * <p>A page may say that the timeline no longer has everything up to some offset. Then nothing of
 * it is sent: {@link HistoryCatchUp} brings the subscription to that offset, and only then the
 * timeline is read again, from there. Meanwhile the session's other subscriptions go on.
 *
 * <p>A subscription that was rewound is read for in the same way, up to the end of what is sent
 * again, and never joins from there: what lies between that and the live flow is read next.
 *
 * <h2>Bounds</h2>
 *
 * <p>One read at a time per session; never more messages than the in-flight window has room for,
 * nor more than {@value #PAGE_MAX}, nor (judging by the page before) many more than {@value
 * #PAGE_BYTES} bytes. A session whose client does not acknowledge or does not read has nothing
 * under way and keeps no message.
 */
final class CatchUp {

  private static final int PAGE_MIN = 16;
  private static final int PAGE_MAX = 128;
  private static final int PAGE_BYTES = 256 * 1024;
  private static final int JOINING_MAX = 256;

  private final Session session;
  private final TimelineReader timelines;
  private final ConnectorMetrics metrics;
  private final PastMessages past;
  private final HistoryCatchUp history;
  private final Retry retry;
  private final ArrayDeque<Subscription> behind = new ArrayDeque<>();
  private final ArrayDeque<Delivery> joining = new ArrayDeque<>();
  private @Nullable Subscription reading;
  private long readBegunNanos;
  private long through;
  private boolean overflowed;
  private int pageSize = PAGE_MIN;

  CatchUp(Session session, SessionServices services) {
    this.session = session;
    this.timelines = services.timelines();
    this.metrics = services.metrics();
    this.past = new PastMessages(services.messages(), metrics);
    this.history = new HistoryCatchUp(session, services, this::readAgain);
    this.retry = new Retry(session, "timeline", this::pump);
  }

  boolean isIdle() {
    return behind.isEmpty() && reading == null && history.isIdle();
  }

  /** Whether a page is on its way, or has to be asked for once more. */
  boolean isReading() {
    return reading != null || retry.isPending();
  }

  /** Takes on a subscription that fell behind. */
  void add(Subscription subscription) {
    metrics.behind.increment();
    readAgain(subscription);
  }

  private void readAgain(Subscription subscription) {
    behind.add(subscription);
    pump();
  }

  /** A subscription is gone. */
  void left(Subscription subscription) {
    history.left(subscription);
  }

  /** A message was pushed to a subscription that is behind. */
  void offer(Subscription subscription, Delivery delivery) {
    if (subscription != reading || overflowed || delivery.offset() <= through) {
      return;
    }
    if (joining.size() < JOINING_MAX) {
      joining.add(delivery);
    } else {
      overflowed = true;
      joining.clear();
    }
  }

  /**
   * An activation was answered once more: what was not pushed up to {@code head} is in the timeline
   * only, so what was kept beyond the page must not be joined to it.
   */
  void checked(Subscription subscription, long head) {
    if (subscription == reading && head > through) {
      overflowed = true;
      joining.clear();
    }
  }

  /** Goes on if there is something to read and the session can take it. */
  void pump() {
    pumpTimelines();
    history.pump();
  }

  private void pumpTimelines() {
    while (reading == null && !retry.isPending() && session.sender().takesPage()) {
      Subscription next = behind.poll();
      if (next == null) {
        break;
      }
      long newest = next.address().seen();
      if (next.isGone()) {
        continue;
      }
      next.turnBack();
      long end = next.readThrough(newest);
      if (next.at() >= end) {
        next.caughtUp();
        continue;
      }
      read(next, end);
    }
    session.settleResumption();
  }

  private void read(Subscription subscription, long end) {
    reading = subscription;
    through = end;
    overflowed = subscription.isRepeating();
    readBegunNanos = System.nanoTime();
    metrics.catchUpReads.increment();
    var address = subscription.address();
    timelines
        .read(
            address.name(),
            address.partition(),
            subscription.at(),
            end,
            Math.min(pageSize, session.sender().room()))
        .whenComplete(
            (page, error) -> session.onEventLoop(() -> answered(subscription, page, error)));
  }

  private void answered(Subscription subscription, TimelinePage page, @Nullable Throwable error) {
    reading = null;
    metrics.catchUpPageDelay.record(System.nanoTime() - readBegunNanos);
    if (error == null) {
      taken(subscription, page);
    } else {
      behind.add(subscription);
      retry.failed(subscription, error);
    }
    joining.clear();
    pump();
  }

  private void taken(Subscription subscription, TimelinePage page) {
    try {
      take(subscription, page);
      retry.succeeded();
    } catch (SchemaPendingException e) {
      // What lies before it was sent; the rest is read again.
      behind.add(subscription);
      retry.failed(subscription, e);
    }
  }

  private void take(Subscription subscription, TimelinePage page) {
    if (subscription.isGone()) {
      return;
    }
    if (page.gapThrough() > subscription.at()) {
      history.add(subscription, page.gapThrough());
      return;
    }
    boolean all = sendPage(subscription, page);
    if (all && page.complete()) {
      subscription.passed(through);
      if (!overflowed && sendJoining(subscription) && !subscription.isRewound()) {
        subscription.caughtUp();
        return;
      }
    }
    behind.add(subscription);
  }

  private boolean sendPage(Subscription subscription, TimelinePage page) {
    long bytes = 0;
    for (TimelineEntry entry : page.entries()) {
      bytes += entry.value().length;
      if (!past.send(subscription, entry.offset(), entry.value())) {
        return false;
      }
    }
    pageSize =
        bytes > PAGE_BYTES
            ? Math.max(1, pageSize / 2)
            : Math.min(PAGE_MAX, bytes * 2 > PAGE_BYTES ? pageSize : pageSize * 2);
    return true;
  }

  private boolean sendJoining(Subscription subscription) {
    for (Delivery delivery : joining) {
      if (delivery.offset() > subscription.sent() && !subscription.trySend(delivery)) {
        return false;
      }
    }
    return true;
  }
}
