// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.delivery.Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ControlWriter} has not taken up yet. Safe for use by many threads; callers never
 * wait, except in {@link #take}.
 *
 * <h2>Locations are state</h2>
 *
 * <p>Only the last word about an address waits. An announcement takes the place of the withdrawal
 * of an earlier activation: the router replaces the one by the other. A withdrawal takes the place
 * of an announcement that has not left yet, and names the activation that the router was told of
 * before; when there is none, nothing is left to be said. So however often addresses come and go,
 * there is at most one entry for each address that somebody is subscribed to now or that the router
 * was told of: no more than the subscriptions that the connector holds or held when Kafka went
 * away.
 *
 * <h2>Session events are a record</h2>
 *
 * <p>Nobody waits for them, and Kafka takes many at once for little more than one: from the first
 * they gather for {@code gatherMillis}.
 *
 * <p>None may be left out, so those who cause them have to be held back: beyond {@code
 * eventBytesMax} the backlog {@link #isFull is full} until half of it was taken. What comes all the
 * same is bounded by what was there before: operations that were under way, and one end for each
 * session, which takes less memory than the session did.
 */
final class ControlBacklog {

  /** What an event costs in memory besides its bytes. */
  private static final int EVENT_OVERHEAD_BYTES = 128;

  /**
   * What has to be said about an address: that it is here, or that this activation is over.
   *
   * @param again whether it is said of an activation that was announced before
   */
  record LocationChange(Address address, boolean present, boolean again) {}

  /** A record of {@code sessions}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Event(byte[] clientId, byte[] value) {
    int bytes() {
      return clientId.length + value.length + EVENT_OVERHEAD_BYTES;
    }
  }

  /** What is to be written next, in this order. */
  record Batch(List<LocationChange> locations, List<Event> events) {}

  private static final class Pending {
    /** Null: nobody is subscribed any more. */
    @Nullable Address announced;

    /** The activation that the router was told of and that is not here any more. */
    @Nullable Address told;
  }

  private final long eventBytesMax;
  private final long gatherNanos;
  private final Map<String, Pending> locations = new LinkedHashMap<>();
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private long eventBytes;

  /** When the events may be taken; of no meaning when there are none. */
  private long eventsDueNanos;

  private volatile boolean full;

  /**
   * An empty backlog.
   *
   * @param eventBytesMax beyond which it is full
   * @param gatherMillis for how long events gather
   */
  ControlBacklog(long eventBytesMax, long gatherMillis) {
    this.eventBytesMax = eventBytesMax;
    this.gatherNanos = TimeUnit.MILLISECONDS.toNanos(gatherMillis);
  }

  /** The address is here. To be called once for each activation, after that before is withdrawn. */
  synchronized void announce(Address address) {
    locations.computeIfAbsent(address.name(), name -> new Pending()).announced = address;
    notifyAll();
  }

  /** As {@link #announce}, for an address that was taken before. */
  synchronized void announceAgain(Address address) {
    Pending pending = locations.computeIfAbsent(address.name(), name -> new Pending());
    pending.announced = address;
    pending.told = address;
    notifyAll();
  }

  /** The address, announced before, is not here any more. */
  synchronized void withdraw(Address address) {
    Pending pending = locations.get(address.name());
    if (pending == null) {
      pending = new Pending();
      pending.told = address;
      locations.put(address.name(), pending);
    } else {
      pending.announced = null;
      if (pending.told == null) {
        locations.remove(address.name());
      }
    }
    notifyAll();
  }

  /** Adds an event; always taken. */
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

  /** Whether nothing should be done now that causes events. Never waits. */
  boolean isFull() {
    return full;
  }

  /** Whether an eighth of what may wait does. */
  synchronized boolean isBusy() {
    return eventBytes > eventBytesMax / 8;
  }

  synchronized boolean isEmpty() {
    return locations.isEmpty() && events.isEmpty();
  }

  /** Addresses about which something has to be said. */
  synchronized int locationCount() {
    return locations.size();
  }

  /** Bytes of the events that wait. */
  synchronized long eventBytes() {
    return eventBytes;
  }

  /**
   * Takes the oldest, at most {@code countMax} of either kind; waits for something at most {@code
   * waitMillis} (0: not at all, and not for events to gather).
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
    Address announced = pending.announced;
    Address told = pending.told;
    if (announced != null) {
      return new LocationChange(announced, true, told == announced);
    }
    if (told == null) {
      throw new IllegalStateException("nothing to say about an address that waits");
    }
    return new LocationChange(told, false, false);
  }
}
