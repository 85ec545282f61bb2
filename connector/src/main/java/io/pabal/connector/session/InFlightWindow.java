// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.StoredDelivery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The QoS 1 deliveries of one session that the client has not acknowledged, in the order of sending
 * (MQTT 5 4.3.2, 4.9). Used on the session's event loop only.
 *
 * <p>Packet identifiers are assigned in sequence, so an identifier gives the place of its delivery
 * in the window. A client may acknowledge in any order. A delivery counts as acknowledged for the
 * cursor when every delivery sent before it is acknowledged too. An empty window uses no memory.
 *
 * <h2>Sending again</h2>
 *
 * <p>A delivery that was in flight when the network connection ended is sent again on the next
 * connection, with DUP and the same packet identifier (MQTT 5 and 3.1.1, 4.4). So the window of a
 * resumed session is {@link #restore restored} as it was, and its deliveries <em>wait</em>. The
 * catch-up from the cursors reaches each of them, and {@link #resend} returns the identifier that
 * it was sent under. A delivery that will not be sent again (it expired, or its feed is gone) has
 * to be {@link #settle settled}. Otherwise the window would wait for its PUBACK for ever.
 *
 * <p>While deliveries wait, only deliveries sent on this connection take {@link #room}. A waiting
 * delivery whose feed the router does not activate would let the window grow behind it. So when a
 * whole window of other deliveries has been sent, the waiting deliveries are forgotten and will be
 * sent as if for the first time.
 */
final class InFlightWindow {

  /** From {@link #resend}: never sent before. */
  static final int NOT_IN_FLIGHT = 0;

  /** From {@link #resend}: sent on an earlier connection, and acknowledged there. */
  static final int ACKNOWLEDGED = -1;

  private static final int IDS = 65_535;
  private static final int CAPACITY_MIN = 8;
  private static final SessionFeed[] NO_FEEDS = {};
  private static final long[] NO_OFFSETS = {};

  private final int max;
  private @Nullable SessionFeed[] feeds = NO_FEEDS;

  /**
   * Offsets of the deliveries in flight; the bitwise complement marks a delivery that was
   * acknowledged out of order.
   */
  private long[] offsets = NO_OFFSETS;

  private int head;
  private int size;
  private int headId;

  /** How many deliveries in the window were acknowledged out of order. */
  private int acknowledged;

  private @Nullable Restored restored;

  /**
   * An empty window.
   *
   * @param max how many deliveries may be in flight, 1 to 65,535
   * @param firstId the packet identifier of the first delivery, 1 to 65,535
   */
  InFlightWindow(int max, int firstId) {
    this.max = max;
    this.headId = firstId;
  }

  /** Deliveries in the window, including those that were acknowledged out of order. */
  int size() {
    return size;
  }

  /** How many more deliveries may be sent now. */
  int room() {
    Restored present = restored;
    int taken =
        present == null || present.waiting.isEmpty()
            ? size
            : size - present.waiting.cardinality() - acknowledged;
    return Math.max(0, max - taken);
  }

  /** The packet identifier of the next delivery; valid only while the window is empty. */
  int nextId() {
    return headId;
  }

  /**
   * Adds a delivery that is sent now. There must be {@link #room}. Returns its packet identifier.
   */
  int add(SessionFeed feed, long offset) {
    return addFor(feed, offset);
  }

  /**
   * Adds a delivery that repeats an earlier one, which may still be in flight. The repeat takes a
   * place and an identifier of its own. No feed is notified of the repeat's PUBACK, and the next
   * connection does not send the repeat again. Otherwise as {@link #add}.
   */
  int addRepeated(long offset) {
    return addFor(null, offset);
  }

  private int addFor(@Nullable SessionFeed feed, long offset) {
    append(feed, offset);
    int packetId = (headId - 1 + size - 1) % IDS + 1;
    if (restored != null && size == max + restored.count) {
      forgetWaiting(restored);
    }
    return packetId;
  }

  /**
   * Takes a PUBACK. Notifies the feeds of all deliveries that are now acknowledged together with
   * every delivery sent before them.
   *
   * @return false when nothing is in flight under this identifier
   */
  boolean acknowledge(int packetId) {
    int index = Math.floorMod(packetId - headId, IDS);
    if (index >= size || offsets[slot(index)] < 0) {
      return false;
    }
    acknowledgeAt(index);
    removeAcknowledged();
    return true;
  }

  /**
   * All deliveries in flight, in the form that is stored and in the order of sending. Repeats, and
   * deliveries whose feed is gone, are stored as acknowledged.
   */
  List<StoredDelivery> stored() {
    List<StoredDelivery> all = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      SessionFeed feed = feeds[slot(i)];
      long offset = offsets[slot(i)];
      boolean gone = feed == null || feed.isGone();
      all.add(
          new StoredDelivery(
              (headId - 1 + i) % IDS + 1,
              gone ? "" : feed.feed().name(),
              offset < 0 ? ~offset : offset,
              gone || offset < 0));
    }
    return all;
  }

  /**
   * Restores the deliveries in flight of the session's last connection; on a new window only. At
   * most 65,535 less the window's maximum are restored. Deliveries beyond that number are sent as
   * if for the first time.
   *
   * @param feedOf the session's feed of a name, at its stored cursor; null when it has none any
   *     more
   */
  void restore(List<StoredDelivery> stored, Function<String, @Nullable SessionFeed> feedOf) {
    // The identifiers of the waiting deliveries and of a full window of new ones must differ.
    int count = Math.min(stored.size(), IDS - max);
    if (count == 0) {
      return;
    }
    headId = stored.getFirst().packetId();
    Restored taken = new Restored(headId, count);
    restored = taken;
    for (int i = 0; i < count; i++) {
      StoredDelivery each = stored.get(i);
      SessionFeed feed = feedOf.apply(each.feed());
      boolean done = each.acknowledged() || feed == null || each.offset() <= feed.cursor();
      append(feed, each.offset());
      if (done) {
        acknowledgeAt(i);
      } else {
        taken.waiting.set(i);
      }
    }
    removeAcknowledged();
  }

  /**
   * The packet identifier under which an earlier connection sent a delivery and under which it is
   * sent again now. Otherwise {@link #NOT_IN_FLIGHT} or {@link #ACKNOWLEDGED}.
   */
  int resend(SessionFeed feed, long offset) {
    Restored present = restored;
    if (present == null) {
      return NOT_IN_FLIGHT;
    }
    for (int i = 0; i < size && present.index(headId + i) < present.count; i++) {
      if (feeds[slot(i)] == feed) {
        if (offsets[slot(i)] == ~offset) {
          return ACKNOWLEDGED;
        }
        if (offsets[slot(i)] == offset) {
          present.waiting.clear(present.index(headId + i));
          return (headId - 1 + i) % IDS + 1;
        }
      }
    }
    return NOT_IN_FLIGHT;
  }

  /**
   * Settles the waiting deliveries of {@code feed} up to {@code through}: they will not be sent
   * again, and count as acknowledged.
   */
  void settle(SessionFeed feed, long through) {
    Restored present = restored;
    if (present == null || present.waiting.isEmpty()) {
      return;
    }
    for (int i = 0; i < size; i++) {
      int index = present.index(headId + i);
      if (index < present.count
          && present.waiting.get(index)
          && feeds[slot(i)] == feed
          && offsets[slot(i)] <= through) {
        acknowledgeAt(i);
      }
    }
    removeAcknowledged();
  }

  /**
   * Forgets the waiting deliveries: they will be sent as if for the first time. Every later
   * restored delivery of their feeds keeps its place in the window, but no feed is notified of its
   * acknowledgement: the cursor must not pass a delivery that was not sent again.
   */
  private void forgetWaiting(Restored present) {
    Set<SessionFeed> forgotten = new HashSet<>();
    for (int i = 0; i < size && present.index(headId + i) < present.count; i++) {
      SessionFeed feed = feeds[slot(i)];
      boolean waits = present.waiting.get(present.index(headId + i));
      if (feed != null && (waits || forgotten.contains(feed))) {
        forgotten.add(feed);
        feeds[slot(i)] = null;
        feed.notInFlight();
        if (waits) {
          acknowledgeAt(i);
        }
      }
    }
    removeAcknowledged();
  }

  private void acknowledgeAt(int index) {
    acknowledged++;
    offsets[slot(index)] = ~offsets[slot(index)];
    if (restored != null) {
      restored.waiting.clear(restored.index(headId + index));
    }
  }

  private void removeAcknowledged() {
    while (size > 0 && offsets[head] < 0) {
      SessionFeed feed = feeds[head];
      long offset = ~offsets[head];
      feeds[head] = null;
      head = (head + 1) % offsets.length;
      size--;
      acknowledged--;
      headId = headId % IDS + 1;
      if (feed != null) {
        feed.acknowledged(offset);
      }
    }
    if (restored != null && restored.index(headId) >= restored.count) {
      restored = null;
    }
    if (size == 0) {
      feeds = NO_FEEDS;
      offsets = NO_OFFSETS;
      head = 0;
    }
  }

  private void append(@Nullable SessionFeed feed, long offset) {
    if (size == offsets.length) {
      grow();
    }
    int slot = slot(size);
    feeds[slot] = feed;
    offsets[slot] = offset;
    size++;
    if (feed != null) {
      feed.inFlight();
    }
  }

  private int slot(int index) {
    int slot = head + index;
    return slot < offsets.length ? slot : slot - offsets.length;
  }

  private void grow() {
    int limit = max + (restored == null ? 0 : restored.count);
    int capacity = Math.max(CAPACITY_MIN, Math.min(limit, offsets.length * 2));
    @Nullable SessionFeed[] moreFeeds = Arrays.copyOf(feeds, capacity);
    long[] moreOffsets = Arrays.copyOf(offsets, capacity);
    for (int i = 0; i < size; i++) {
      moreFeeds[i] = feeds[slot(i)];
      moreOffsets[i] = offsets[slot(i)];
    }
    feeds = moreFeeds;
    offsets = moreOffsets;
    head = 0;
  }

  /** The part of the window that an earlier connection sent. */
  private static final class Restored {

    final int firstId;
    final int count;

    /** The deliveries not sent again yet, by distance from the first identifier. */
    final BitSet waiting;

    Restored(int firstId, int count) {
      this.firstId = firstId;
      this.count = count;
      this.waiting = new BitSet(count);
    }

    int index(int packetId) {
      return Math.floorMod(packetId - firstId, IDS);
    }
  }
}
