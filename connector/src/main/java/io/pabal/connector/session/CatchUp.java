// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.RecentDeliveries;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.sessioncache.timeline.TimelineEntry;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The catch-up of one session: brings the feeds that are behind back to the live flow, from the
 * deliveries that the connector has in memory or by reading timeline pages. Created when a feed
 * falls behind. The session drops it at the next PUBACK, or when the socket is writable again,
 * after the last feed has caught up. Used on the session's event loop only.
 *
 * <h2>Memory first</h2>
 *
 * <p>A feed continues from the connector's recent deliveries when these have every message from the
 * feed's position to the newest one that the connector has seen. Nothing is read then, and the feed
 * is live again in the same task of the event loop that sends the newest message: no message can be
 * pushed in between, so nothing has to be buffered. {@code DeliveryRing} states the invariant and
 * why it holds. A repeat is served from memory, too; it asks for the messages up to its own end, so
 * it cannot go beyond {@code sent}. At most {@value #RECENT_PAGES_MAX} pages of {@value #PAGE_MAX}
 * messages are taken from memory in one task of the loop; the rest follows in a later task.
 *
 * <p>A feed that memory does not reach back to reads the timeline, page by page, until it is live
 * or memory has the rest.
 *
 * <h2>Joining without gap or disorder</h2>
 *
 * <p>A page is requested up to {@code through}, the newest position of the feed at that moment.
 * Messages pushed during the read lie beyond {@code through}. They are buffered, at most {@value
 * #JOINING_MAX} messages of one feed. When the page has reached {@code through} and all buffered
 * messages fit into the window, the feed is live again: it has every message up to the last one
 * that the event loop applied. Otherwise the buffered messages that were not sent are dropped, and
 * the timeline is read again. So a feed stays behind when one of these is true:
 *
 * <ul>
 *   <li>The page did not reach {@code through}, or could not be read or sent in full.
 *   <li>The buffered messages do not fit into the window.
 *   <li>More messages arrived than can be buffered.
 *   <li>An activation reported, during the read, that there may be messages which were never
 *       pushed.
 *   <li>The read was started by another session, up to a lower offset: messages may have been
 *       pushed between that offset and the beginning of the buffer.
 * </ul>
 *
 * <p>A page may say that the timeline no longer has every message up to some offset. Then no
 * message of the page is sent: {@link HistoryCatchUp} first brings the feed to that offset, and
 * then the timeline is read again from there. The session's other feeds continue.
 *
 * <p>A rewound feed is read for in the same way, up to the end of its repeat. It never becomes live
 * from a repeat: the messages between the repeat and the live flow are read next.
 *
 * <h2>Bounds</h2>
 *
 * <p>One timeline read at a time per session; sessions that need the same page share one: {@link
 * TimelineReads}. A page has at most as many messages as the in-flight window has room for, at most
 * {@value #PAGE_MAX} messages and, as estimated from the previous page, about {@value #PAGE_BYTES}
 * bytes. For a client that does not acknowledge or does not read, no read is started and no message
 * is buffered.
 */
final class CatchUp {

  private static final int PAGE_MIN = 16;
  private static final int PAGE_MAX = 128;
  private static final int PAGE_BYTES = 256 * 1024;
  private static final int JOINING_MAX = 256;
  private static final int RECENT_PAGES_MAX = 4;

  private final Session session;
  private final TimelineReads timelines;
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

  /** Whether a task of the event loop is due that continues from memory. */
  private boolean continuing;

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

  /** Whether a timeline read is in progress or is to be retried, or memory has more to send. */
  boolean isReading() {
    return reading != null || retry.isPending() || continuing;
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
    int recentPages = 0;
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
      RecentDeliveries recent = next.feed().recent(next.at(), end, PAGE_MAX);
      if (recent == null) {
        read(next, end);
        continue;
      }
      sendRecent(next, recent, end);
      if (hasEverything(next)) {
        next.caughtUp();
      } else {
        behind.add(next);
      }
      if (++recentPages == RECENT_PAGES_MAX) {
        continueLater();
        break;
      }
    }
    session.settleResumption();
  }

  private void sendRecent(SessionFeed feed, RecentDeliveries recent, long end) {
    List<Delivery> deliveries = recent.deliveries();
    long nowMillis = BrokerTime.millis();
    for (Delivery delivery : deliveries) {
      if (!feed.trySend(delivery.at(nowMillis))) {
        return;
      }
      metrics.catchUpRecent.increment();
    }
    if (recent.complete()) {
      feed.passed(end);
    }
  }

  /** Whether the feed has every message that the connector has seen, and no rewind is due. */
  private static boolean hasEverything(SessionFeed feed) {
    return !feed.isGone()
        && !feed.isRepeating()
        && !feed.isRewound()
        && feed.sent() >= feed.feed().seen();
  }

  /** Lets the event loop serve other sessions before this one continues. */
  private void continueLater() {
    if (!continuing) {
      continuing = true;
      session.onEventLoop(
          () -> {
            continuing = false;
            pump();
          });
    }
  }

  private void read(SessionFeed feed, long end) {
    reading = feed;
    readBegunNanos = System.nanoTime();
    TimelineRead read =
        timelines.read(feed.feed(), feed.at(), end, Math.min(pageSize, session.sender().room()));
    through = Math.min(end, read.through());
    overflowed = feed.isRepeating() || through < end;
    read.whenDone((page, error) -> session.onEventLoop(() -> answered(feed, page, error)));
  }

  private void answered(SessionFeed feed, @Nullable SharedPage page, @Nullable Throwable error) {
    reading = null;
    metrics.catchUpPageDelay.record(System.nanoTime() - readBegunNanos);
    if (error != null) {
      behind.add(feed);
      retry.failed(feed, error);
    } else if (page != null) {
      taken(feed, page);
    }
    joining.clear();
    pump();
  }

  private void taken(SessionFeed feed, SharedPage page) {
    try {
      take(feed, page);
      retry.succeeded();
    } catch (SchemaPendingException e) {
      // The messages before this one were sent; the rest is read again.
      behind.add(feed);
      retry.failed(feed, e);
    }
  }

  private void take(SessionFeed feed, SharedPage page) {
    if (feed.isGone()) {
      return;
    }
    // Another session may have requested the page beyond the end of this session's range.
    long gapThrough = Math.min(page.gapThrough(), through);
    if (gapThrough > feed.at()) {
      history.add(feed, gapThrough);
      return;
    }
    if (sendPage(feed, page)) {
      feed.passed(through);
      if (!overflowed && sendJoining(feed) && !feed.isRewound()) {
        feed.caughtUp();
        return;
      }
    }
    behind.add(feed);
  }

  /** Sends the messages up to {@code through}. Returns whether the page reached it. */
  private boolean sendPage(SessionFeed feed, SharedPage page) {
    long bytes = 0;
    List<TimelineEntry> entries = page.entries();
    for (int i = 0; i < entries.size(); i++) {
      TimelineEntry entry = entries.get(i);
      if (entry.offset() > through) {
        return true;
      }
      bytes += entry.value().length;
      if (!past.send(feed, page, i)) {
        return false;
      }
    }
    pageSize =
        bytes > PAGE_BYTES
            ? Math.max(1, pageSize / 2)
            : Math.min(PAGE_MAX, bytes * 2 > PAGE_BYTES ? pageSize : pageSize * 2);
    return page.complete();
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
