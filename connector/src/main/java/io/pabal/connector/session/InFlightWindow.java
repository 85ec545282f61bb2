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
 * it was sent under. A delivery that will not be sent again (it expired, or its subscription is
 * gone) has to be {@link #settle settled}. Otherwise the window would wait for its PUBACK for ever.
 *
 * <p>While deliveries wait, only deliveries sent on this connection take {@link #room}. A waiting
 * delivery whose address the router does not activate would let the window grow behind it. So when
 * a whole window of other deliveries has been sent, the waiting deliveries are forgotten and will
 * be sent as if for the first time.
 */
final class InFlightWindow {

  /** From {@link #resend}: never sent before. */
  static final int NOT_IN_FLIGHT = 0;

  /** From {@link #resend}: sent on an earlier connection, and acknowledged there. */
  static final int ACKNOWLEDGED = -1;

  private static final int IDS = 65_535;
  private static final int CAPACITY_MIN = 8;
  private static final Subscription[] NO_SUBSCRIPTIONS = {};
  private static final long[] NO_OFFSETS = {};

  private final int max;
  private @Nullable Subscription[] subscriptions = NO_SUBSCRIPTIONS;

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
  int add(Subscription subscription, long offset) {
    return addFor(subscription, offset);
  }

  /**
   * Adds a delivery that repeats an earlier one, which may still be in flight. The repeat takes a
   * place and an identifier of its own. No subscription is notified of the repeat's PUBACK, and the
   * next connection does not send the repeat again. Otherwise as {@link #add}.
   */
  int addRepeated(long offset) {
    return addFor(null, offset);
  }

  private int addFor(@Nullable Subscription subscription, long offset) {
    append(subscription, offset);
    int packetId = (headId - 1 + size - 1) % IDS + 1;
    if (restored != null && size == max + restored.count) {
      forgetWaiting(restored);
    }
    return packetId;
  }

  /**
   * Takes a PUBACK. Notifies the subscriptions of all deliveries that are now acknowledged together
   * with every delivery sent before them.
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
   * deliveries whose subscription is gone, are stored as acknowledged.
   */
  List<StoredDelivery> stored() {
    List<StoredDelivery> all = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      Subscription subscription = subscriptions[slot(i)];
      long offset = offsets[slot(i)];
      boolean gone = subscription == null || subscription.isGone();
      all.add(
          new StoredDelivery(
              (headId - 1 + i) % IDS + 1,
              gone ? "" : subscription.address().name(),
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
   * @param subscriptionOf the subscription of an address, at its stored cursor; null when there is
   *     none any more
   */
  void restore(
      List<StoredDelivery> stored, Function<String, @Nullable Subscription> subscriptionOf) {
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
      Subscription subscription = subscriptionOf.apply(each.address());
      boolean done =
          each.acknowledged() || subscription == null || each.offset() <= subscription.cursor();
      append(subscription, each.offset());
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
  int resend(Subscription subscription, long offset) {
    Restored present = restored;
    if (present == null) {
      return NOT_IN_FLIGHT;
    }
    for (int i = 0; i < size && present.index(headId + i) < present.count; i++) {
      if (subscriptions[slot(i)] == subscription) {
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
   * Settles the waiting deliveries of {@code subscription} up to {@code through}: they will not be
   * sent again, and count as acknowledged.
   */
  void settle(Subscription subscription, long through) {
    Restored present = restored;
    if (present == null || present.waiting.isEmpty()) {
      return;
    }
    for (int i = 0; i < size; i++) {
      int index = present.index(headId + i);
      if (index < present.count
          && present.waiting.get(index)
          && subscriptions[slot(i)] == subscription
          && offsets[slot(i)] <= through) {
        acknowledgeAt(i);
      }
    }
    removeAcknowledged();
  }

  /**
   * Forgets the waiting deliveries: they will be sent as if for the first time. Every later
   * restored delivery of their subscriptions keeps its place in the window, but no subscription is
   * notified of its acknowledgement: the cursor must not pass a delivery that was not sent again.
   */
  private void forgetWaiting(Restored present) {
    Set<Subscription> forgotten = new HashSet<>();
    for (int i = 0; i < size && present.index(headId + i) < present.count; i++) {
      Subscription subscription = subscriptions[slot(i)];
      boolean waits = present.waiting.get(present.index(headId + i));
      if (subscription != null && (waits || forgotten.contains(subscription))) {
        forgotten.add(subscription);
        subscriptions[slot(i)] = null;
        subscription.notInFlight();
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
      Subscription subscription = subscriptions[head];
      long offset = ~offsets[head];
      subscriptions[head] = null;
      head = (head + 1) % offsets.length;
      size--;
      acknowledged--;
      headId = headId % IDS + 1;
      if (subscription != null) {
        subscription.acknowledged(offset);
      }
    }
    if (restored != null && restored.index(headId) >= restored.count) {
      restored = null;
    }
    if (size == 0) {
      subscriptions = NO_SUBSCRIPTIONS;
      offsets = NO_OFFSETS;
      head = 0;
    }
  }

  private void append(@Nullable Subscription subscription, long offset) {
    if (size == offsets.length) {
      grow();
    }
    int slot = slot(size);
    subscriptions[slot] = subscription;
    offsets[slot] = offset;
    size++;
    if (subscription != null) {
      subscription.inFlight();
    }
  }

  private int slot(int index) {
    int slot = head + index;
    return slot < offsets.length ? slot : slot - offsets.length;
  }

  private void grow() {
    int limit = max + (restored == null ? 0 : restored.count);
    int capacity = Math.max(CAPACITY_MIN, Math.min(limit, offsets.length * 2));
    @Nullable Subscription[] moreSubscriptions = Arrays.copyOf(subscriptions, capacity);
    long[] moreOffsets = Arrays.copyOf(offsets, capacity);
    for (int i = 0; i < size; i++) {
      moreSubscriptions[i] = subscriptions[slot(i)];
      moreOffsets[i] = offsets[slot(i)];
    }
    subscriptions = moreSubscriptions;
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
