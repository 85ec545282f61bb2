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
 * The catch-up of one session: reads timeline pages for the feeds that are behind, until
 * they are live again. Created when a feed falls behind. The session drops it at the next
 * PUBACK, or when the socket is writable again, after the last feed has caught up. Used on
 * the session's event loop only.
 *
 * <h2>Joining without gap or disorder</h2>
 *
 * <p>A page is requested up to {@code through}, the newest position of the feed at that moment.
 * Messages pushed during the read lie beyond {@code through}. They are buffered, at most {@value
 * #JOINING_MAX} messages of one feed. When the page has reached {@code through} and all buffered
 * messages fit into the window, the feed is live again: it has every message up to the last
 * one that the event loop applied. Otherwise the buffered messages that were not sent are dropped,
 * and the timeline is read again. So a feed stays behind when one of these is true:
 *
 * <ul>
 *   <li>The page did not reach {@code through}, or could not be read or sent in full.
 *   <li>The buffered messages do not fit into the window.
 *   <li>More messages arrived than can be buffered.
 *   <li>An activation reported, during the read, that there may be messages which were never
 *       pushed.
 * </ul>
 *
 * <p>A page may say that the timeline no longer has every message up to some offset. Then no
 * message of the page is sent: {@link HistoryCatchUp} first brings the feed to that offset,
 * and then the timeline is read again from there. The session's other feeds continue.
 *
 * <p>A rewound feed is read for in the same way, up to the end of its repeat. It never
 * becomes live from a repeat: the messages between the repeat and the live flow are read next.
 *
 * <h2>Bounds</h2>
 *
 * <p>One timeline read at a time per session. A page has at most as many messages as the in-flight
 * window has room for, at most {@value #PAGE_MAX} messages and, as estimated from the previous
 * page, about {@value #PAGE_BYTES} bytes. For a client that does not acknowledge or does not read,
 * no read is started and no message is buffered.
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
  private final ArrayDeque<SessionFeed> behind = new ArrayDeque<>();
  private final ArrayDeque<Delivery> joining = new ArrayDeque<>();
  private @Nullable SessionFeed reading;
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

  /** Whether a timeline read is in progress or is to be retried. */
  boolean isReading() {
    return reading != null || retry.isPending();
  }

  /** Adds a feed that fell behind. */
  void add(SessionFeed feed) {
    metrics.behind.increment();
    readAgain(feed);
  }

  private void readAgain(SessionFeed feed) {
    behind.add(feed);
    pump();
  }

  /** The feed is gone; a read from Kafka in progress for it is cancelled. */
  void left(SessionFeed feed) {
    history.left(feed);
  }

  /** A message was pushed to a feed that is behind: buffers it or ignores it. */
  void offer(SessionFeed feed, Delivery delivery) {
    if (feed != reading || overflowed || delivery.offset() <= through) {
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
   * The router answered an activation again: messages up to {@code head} that were not pushed are
   * in the timeline only. So the buffered messages must not be sent right after the page.
   */
  void checked(SessionFeed feed, long head) {
    if (feed == reading && head > through) {
      overflowed = true;
      joining.clear();
    }
  }

  /** Starts the next read if a feed needs one and the session has room. */
  void pump() {
    pumpTimelines();
    history.pump();
  }

  private void pumpTimelines() {
    while (reading == null && !retry.isPending() && session.sender().takesPage()) {
      SessionFeed next = behind.poll();
      if (next == null) {
        break;
      }
      long newest = next.feed().seen();
      if (next.isGone()) {
        continue;
      }
      next.startRepeat();
      long end = next.readThrough(newest);
      if (next.at() >= end) {
        next.caughtUp();
        continue;
      }
      read(next, end);
    }
    session.settleResumption();
  }

  private void read(SessionFeed feed, long end) {
    reading = feed;
    through = end;
    overflowed = feed.isRepeating();
    readBegunNanos = System.nanoTime();
    metrics.catchUpReads.increment();
    var source = feed.feed();
    timelines
        .read(
            source.name(),
            source.partition(),
            feed.at(),
            end,
            Math.min(pageSize, session.sender().room()))
        .whenComplete(
            (page, error) -> session.onEventLoop(() -> answered(feed, page, error)));
  }

  private void answered(SessionFeed feed, TimelinePage page, @Nullable Throwable error) {
    reading = null;
    metrics.catchUpPageDelay.record(System.nanoTime() - readBegunNanos);
    if (error == null) {
      taken(feed, page);
    } else {
      behind.add(feed);
      retry.failed(feed, error);
    }
    joining.clear();
    pump();
  }

  private void taken(SessionFeed feed, TimelinePage page) {
    try {
      take(feed, page);
      retry.succeeded();
    } catch (SchemaPendingException e) {
      // The messages before this one were sent; the rest is read again.
      behind.add(feed);
      retry.failed(feed, e);
    }
  }

  private void take(SessionFeed feed, TimelinePage page) {
    if (feed.isGone()) {
      return;
    }
    if (page.gapThrough() > feed.at()) {
      history.add(feed, page.gapThrough());
      return;
    }
    boolean all = sendPage(feed, page);
    if (all && page.complete()) {
      feed.passed(through);
      if (!overflowed && sendJoining(feed) && !feed.isRewound()) {
        feed.caughtUp();
        return;
      }
    }
    behind.add(feed);
  }

  private boolean sendPage(SessionFeed feed, TimelinePage page) {
    long bytes = 0;
    for (TimelineEntry entry : page.entries()) {
      bytes += entry.value().length;
      if (!past.send(feed, entry.address(), entry.offset(), entry.value())) {
        return false;
      }
    }
    pageSize =
        bytes > PAGE_BYTES
            ? Math.max(1, pageSize / 2)
            : Math.min(PAGE_MAX, bytes * 2 > PAGE_BYTES ? pageSize : pageSize * 2);
    return true;
  }

  private boolean sendJoining(SessionFeed feed) {
    for (Delivery delivery : joining) {
      if (delivery.offset() > feed.sent() && !feed.trySend(delivery)) {
        return false;
      }
    }
    return true;
  }
}
