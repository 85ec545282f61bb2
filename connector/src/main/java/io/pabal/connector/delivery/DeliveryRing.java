// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest deliveries of one feed, kept in memory for the sessions that fall behind. The oldest
 * ones leave first. {@link DeliveryRings} bounds the memory of all rings of a connector.
 *
 * <h2>Invariant: a ring has every message of its range</h2>
 *
 * <p>The ring has <em>every</em> message of the feed with {@code from < offset <= end}. So a
 * session that needs the messages after its own position is served only when that position is at or
 * above {@code from}, and only up to {@code end}. A session at a lower position reads the timeline.
 *
 * <p>Why the invariant holds. Only the delivery consumer's thread changes the ring. A ring begins
 * with {@code from = end = seen}, the position that the feed has seen, and only while the feed is
 * active. A delivery is added only if {@code end} still equals {@code seen}; then {@code end} and
 * {@code seen} both rise to its offset. No message of the feed lies between the old and the new
 * value: {@link Feed} explains that the router that sent this delivery also sent all earlier
 * messages of the activation, or reported a head beyond them. In both cases {@code seen} would have
 * risen. This is the argument by which a LIVE session misses nothing, so a ring is exactly as
 * reliable as the push: it holds what a session would have received that was LIVE from {@code from}
 * to {@code end}.
 *
 * <p>Everything else that raises {@code seen} leaves {@code end} behind: an {@code activated}
 * record with a head beyond {@code seen}, a delivery whose schema is pending, a delivery that
 * cannot be decoded, and one that is too large to be kept. The next delivery finds that {@code end}
 * is not {@code seen}, and the ring begins anew at {@code seen}. Until then the ring still has all
 * of its range, but a session that needs the messages up to {@code seen} asks beyond {@code end}
 * and reads the timeline. A delivery that leaves the ring first raises {@code from} to its own
 * offset. A ring belongs to one {@link Feed} object and so to one activation.
 *
 * <h2>Why a session that has reached {@code seen} is LIVE</h2>
 *
 * <p>A delivery is in the ring before {@code seen} is raised, and {@code seen} is raised before the
 * event loops receive the delivery. So what a loop has applied lies at or below {@code seen}. A
 * session reads {@code seen}, then takes the messages up to it from the ring and goes LIVE, all in
 * one task of its event loop. Messages that the loop applied while the session was behind are among
 * them; messages that the loop applies later are pushed to it, and those of them that it took from
 * the ring already are dropped by its {@code sent} position. An {@code activated} event that is
 * still in the loop's queue has a head at or below the ring's {@code from} or beyond {@code end}:
 * in the first case the session is beyond that head, in the second the event makes it read the
 * timeline.
 *
 * <h2>Threads</h2>
 *
 * <p>The delivery consumer's thread writes, the event loops read. Both hold the ring's lock for a
 * few instructions or for a copy of at most as many references as a page has; an array grows and
 * shrinks outside the lock.
 */
final class DeliveryRing {

  /** Estimated bytes of an empty ring: this object and its smallest array. */
  static final int HEAP_BYTES = 128;

  private static final int SLOTS_MIN = 4;

  final Feed feed;

  // Used by DeliveryRings, on the consumer's thread only.
  @Nullable DeliveryRing older;
  @Nullable DeliveryRing newer;
  long usedNanos;
  long bytes = HEAP_BYTES;

  // Written by the consumer's thread, under the lock. Its own reads need no lock.
  private @Nullable Delivery[] slots = new @Nullable Delivery[SLOTS_MIN];
  private int first;
  private int size;
  private long from;
  private long end;

  /** Whether a session was served since the last {@link #takeRead}; guarded by the lock. */
  private boolean read;

  /** An empty ring of {@code feed}. */
  DeliveryRing(Feed feed) {
    this.feed = feed;
    this.from = feed.seen();
    this.end = from;
  }

  /**
   * The messages with {@code after < offset <= through}, at most {@code countMax} of them. Null
   * when the ring may lack one of them. Any thread.
   */
  synchronized @Nullable RecentDeliveries read(long after, long through, int countMax) {
    if (after < from || through > end) {
      return null;
    }
    read = true;
    int begin = indexAfter(after);
    List<Delivery> found = new ArrayList<>(Math.min(size - begin, countMax));
    for (int i = begin; i < size; i++) {
      Delivery delivery = at(i);
      if (delivery.offset() > through) {
        break;
      }
      if (found.size() == countMax) {
        return new RecentDeliveries(found, false);
      }
      found.add(delivery);
    }
    return new RecentDeliveries(found, true);
  }

  /** Whether a session was served since the last call. */
  synchronized boolean takeRead() {
    boolean was = read;
    read = false;
    return was;
  }

  /** The offset up to which the ring has the feed's messages. Consumer's thread. */
  long end() {
    return end;
  }

  /** Number of deliveries. Consumer's thread. */
  int size() {
    return size;
  }

  /** Adds a delivery beyond {@link #end}. Consumer's thread. */
  void add(Delivery delivery) {
    if (size == slots.length) {
      resize(slots.length * 2);
    }
    synchronized (this) {
      slots[(first + size) & (slots.length - 1)] = delivery;
      size++;
      end = delivery.offset();
    }
  }

  /** Removes the oldest delivery and returns it. Consumer's thread. */
  Delivery removeOldest() {
    Delivery oldest = at(0);
    synchronized (this) {
      from = oldest.offset();
      slots[first] = null;
      first = (first + 1) & (slots.length - 1);
      size--;
    }
    if (slots.length > SLOTS_MIN && size < slots.length / 4) {
      resize(slots.length / 2);
    }
    return oldest;
  }

  /** Removes all deliveries and begins anew at {@code position}. Consumer's thread. */
  synchronized void restart(long position) {
    slots = new @Nullable Delivery[SLOTS_MIN];
    first = 0;
    size = 0;
    from = position;
    end = position;
  }

  /** Only the consumer's thread changes the array, so it copies without the lock. */
  private void resize(int length) {
    @Nullable Delivery[] resized = new @Nullable Delivery[length];
    int untilWrap = Math.min(size, slots.length - first);
    System.arraycopy(slots, first, resized, 0, untilWrap);
    System.arraycopy(slots, 0, resized, untilWrap, size - untilWrap);
    synchronized (this) {
      slots = resized;
      first = 0;
    }
  }

  /** Index of the oldest delivery beyond {@code offset}, counted from the oldest; or the size. */
  private int indexAfter(long offset) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).offset() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @SuppressWarnings("NullAway") // the slots from first on hold `size` deliveries
  private Delivery at(int index) {
    return slots[(first + index) & (slots.length - 1)];
  }
}
