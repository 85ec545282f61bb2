// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The QoS 1 deliveries of one session that the client has not acknowledged, in the order they were
 * sent (MQTT 5 4.3.2, 4.9). On the session's event loop only.
 *
 * <p>Packet identifiers are given out in sequence, so an identifier says where its delivery stands.
 * A client may acknowledge in any order; a delivery counts as acknowledged for the cursor when all
 * sent before it are. An empty window keeps no memory.
 */
final class InFlightWindow {

  private static final int IDS = 65_535;
  private static final int CAPACITY_MIN = 8;
  private static final Subscription[] NO_SUBSCRIPTIONS = {};
  private static final long[] NO_OFFSETS = {};

  private final int max;
  private @Nullable Subscription[] subscriptions = NO_SUBSCRIPTIONS;

  /**
   * Offsets of what is in flight; the bitwise complement marks one that was acknowledged out of
   * order.
   */
  private long[] offsets = NO_OFFSETS;

  private int head;
  private int size;
  private int headId = 1;

  /** A window of at most {@code max} deliveries, 1 to 65,535. */
  InFlightWindow(int max) {
    this.max = max;
  }

  int size() {
    return size;
  }

  /** How many more may be sent now. */
  int room() {
    return max - size;
  }

  int max() {
    return max;
  }

  /**
   * Adds a delivery that is sent now; there has to be {@link #room}. Returns its packet identifier.
   */
  int add(Subscription subscription, long offset) {
    if (size == offsets.length) {
      grow();
    }
    int slot = slot(size);
    subscriptions[slot] = subscription;
    offsets[slot] = offset;
    size++;
    return (headId - 1 + size - 1) % IDS + 1;
  }

  /**
   * Takes a PUBACK. Tells each subscription whose delivery is thereby acknowledged without a gap.
   *
   * @return false when nothing is in flight under this identifier
   */
  boolean acknowledge(int packetId) {
    int index = Math.floorMod(packetId - headId, IDS);
    if (index >= size || offsets[slot(index)] < 0) {
      return false;
    }
    offsets[slot(index)] = ~offsets[slot(index)];
    while (size > 0 && offsets[head] < 0) {
      Subscription subscription = subscriptions[head];
      long offset = ~offsets[head];
      subscriptions[head] = null;
      head = (head + 1) % offsets.length;
      size--;
      headId = headId % IDS + 1;
      if (subscription != null) {
        subscription.acknowledged(offset);
      }
    }
    if (size == 0) {
      subscriptions = NO_SUBSCRIPTIONS;
      offsets = NO_OFFSETS;
      head = 0;
    }
    return true;
  }

  private int slot(int index) {
    int slot = head + index;
    return slot < offsets.length ? slot : slot - offsets.length;
  }

  private void grow() {
    int capacity = Math.max(CAPACITY_MIN, Math.min(max, offsets.length * 2));
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
}
