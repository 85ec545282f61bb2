// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.delivery.Feed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The location changes and session events that {@link ControlWriter} has not taken yet. Safe for
 * use by many threads. Only {@link #take} waits.
 *
 * <h2>Locations are state</h2>
 *
 * <p>Only the last change of a feed waits. An announcement replaces the withdrawal of an earlier
 * activation, because the router replaces the earlier activation's row by the new one. A withdrawal
 * replaces an announcement that was not taken yet, and names the activation that the router knows
 * from before; when the router knows none, no entry is left. So, however often feeds are added and
 * removed, there is at most one entry for each feed that has a subscription now or that the router
 * knows. These are no more than the subscriptions that the connector holds now or held when Kafka
 * went away.
 *
 * <h2>Session events are a record</h2>
 *
 * <p>No caller waits for an event, and Kafka takes many events at once for little more than the
 * cost of one. So events gather for {@code gatherMillis}, counted from the first.
 *
 * <p>No event may be left out, so the operations that cause events have to be held back: beyond
 * {@code eventBytesMax} the backlog {@link #isFull is full}, until half of the bytes were taken.
 * The events that are added while it is full are bounded, too: they come from operations that were
 * under way, and from the end of sessions. A session causes one such event, which takes less memory
 * than the session did.
 */
final class ControlBacklog {

  /** Memory that an event takes besides its bytes. */
  private static final int EVENT_OVERHEAD_BYTES = 128;

  /**
   * A change of one location.
   *
   * @param present true: this connector holds the feed; false: this activation has ended
   * @param again whether this activation was announced before
   */
  record LocationChange(Feed feed, boolean present, boolean again) {}

  /** A record of {@code sessions}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Event(byte[] clientId, byte[] value) {
    int bytes() {
      return clientId.length + value.length + EVENT_OVERHEAD_BYTES;
    }
  }

  /** The records to write next: the locations first, each list in its order. */
  record Batch(List<LocationChange> locations, List<Event> events) {}

  private static final class Pending {
    /** The activation to announce; null when the feed has no subscription any more. */
    @Nullable Feed announced;

    /** The activation whose announcement was taken last and whose withdrawal was not; or null. */
    @Nullable Feed knownToRouter;
  }

  private final long eventBytesMax;
  private final long gatherNanos;
  private final Map<String, Pending> locations = new LinkedHashMap<>();
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private long eventBytes;

  /** When the events may be taken, by {@link System#nanoTime}; without meaning for no events. */
  private long eventsDueNanos;

  private volatile boolean full;

  /**
   * An empty backlog.
   *
   * @param eventBytesMax bytes of events beyond which the backlog is full
   * @param gatherMillis how long events gather
   */
  ControlBacklog(long eventBytesMax, long gatherMillis) {
    this.eventBytesMax = eventBytesMax;
    this.gatherNanos = TimeUnit.MILLISECONDS.toNanos(gatherMillis);
  }

  /** Adds an announcement. Called once per activation, after the one before was withdrawn. */
  synchronized void announce(Feed feed) {
    locations.computeIfAbsent(feed.name(), name -> new Pending()).announced = feed;
    notifyAll();
  }

  /** As {@link #announce}, for an activation whose announcement was taken before. */
  synchronized void announceAgain(Feed feed) {
    Pending pending = locations.computeIfAbsent(feed.name(), name -> new Pending());
    pending.announced = feed;
    pending.knownToRouter = feed;
    notifyAll();
  }

  /** Adds the withdrawal of an activation that was announced before. */
  synchronized void withdraw(Feed feed) {
    Pending pending = locations.get(feed.name());
    if (pending == null) {
      pending = new Pending();
      pending.knownToRouter = feed;
      locations.put(feed.name(), pending);
    } else {
      pending.announced = null;
      if (pending.knownToRouter == null) {
        locations.remove(feed.name());
      }
    }
    notifyAll();
  }

  /** Adds an event, even when the backlog is full. */
  synchronized void add(Event event) {
    if (events.isEmpty()) {
      eventsDueNanos = System.nanoTime() + gatherNanos;
      notifyAll();
    }
    events.add(event);
    eventBytes += event.bytes();
    if (eventBytes > eventBytesMax) {
      full = true;
    }
  }

  /** Whether no operation that causes events should begin now. Takes no lock. */
  boolean isFull() {
    return full;
  }

  /** Whether more than an eighth of the bytes that may wait do. */
  synchronized boolean isBusy() {
    return eventBytes > eventBytesMax / 8;
  }

  synchronized boolean isEmpty() {
    return locations.isEmpty() && events.isEmpty();
  }

  /** Number of feeds with a change that waits. */
  synchronized int locationCount() {
    return locations.size();
  }

  /** Memory of the events that wait, in bytes. */
  synchronized long eventBytes() {
    return eventBytes;
  }

  /**
   * Takes the oldest location changes and the oldest events, at most {@code countMax} of each.
   * Waits {@code waitMillis} at most while there is nothing to take; 0: does not wait, not even for
   * events to gather.
   */
  synchronized Batch take(int countMax, long waitMillis) throws InterruptedException {
    long nowNanos = System.nanoTime();
    long deadlineNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(waitMillis);
    while (locations.isEmpty() && !eventsAreDue(nowNanos) && deadlineNanos - nowNanos > 0) {
      long untilNanos = events.isEmpty() ? deadlineNanos : eventsDueNanos;
      TimeUnit.NANOSECONDS.timedWait(this, Math.min(untilNanos, deadlineNanos) - nowNanos);
      nowNanos = System.nanoTime();
    }
    List<LocationChange> changes = new ArrayList<>();
    Iterator<Pending> pending = locations.values().iterator();
    while (pending.hasNext() && changes.size() < countMax) {
      changes.add(change(pending.next()));
      pending.remove();
    }
    List<Event> taken = new ArrayList<>();
    boolean due = waitMillis == 0 || eventsAreDue(nowNanos);
    while (due && !events.isEmpty() && taken.size() < countMax) {
      Event event = events.remove();
      eventBytes -= event.bytes();
      taken.add(event);
    }
    if (eventBytes <= eventBytesMax / 2) {
      full = false;
    }
    return new Batch(changes, taken);
  }

  private boolean eventsAreDue(long nowNanos) {
    return !events.isEmpty() && nowNanos - eventsDueNanos >= 0;
  }

  private static LocationChange change(Pending pending) {
    Feed announced = pending.announced;
    Feed known = pending.knownToRouter;
    if (announced != null) {
      return new LocationChange(announced, true, known == announced);
    }
    if (known == null) {
      throw new IllegalStateException("nothing to say about a feed that waits");
    }
    return new LocationChange(known, false, false);
  }
}
