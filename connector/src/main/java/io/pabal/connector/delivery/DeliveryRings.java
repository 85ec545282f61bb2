// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.telemetry.Meters;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The rings of all feeds of one connector, and the bound of their memory. Used on the delivery
 * consumer's thread only, except where a method says any thread.
 *
 * <p>The rings are in the order of their last use: a delivery or a session that was served. While
 * they hold more than {@code bytesMax} bytes, the oldest delivery of the least recently used ring
 * leaves. A ring that was not used for {@value #IDLE_SECONDS_MAX} seconds is dropped, so an idle
 * feed holds no memory.
 *
 * <p>The bytes are an estimate: the record, one encoded packet of the same length, and {@value
 * Delivery#HEAP_BYTES_FIXED} bytes for objects. A message that goes to clients of several protocol
 * versions or at several QoS has one packet for each. A delivery of more than an eighth of {@code
 * bytesMax} is not kept: it would drive out too many other ones.
 */
public final class DeliveryRings {

  /** A delivery that takes more than this part of the bound is not kept. */
  private static final int LARGEST_PART = 8;

  static final int IDLE_SECONDS_MAX = 30;
  private static final long IDLE_NANOS_MAX = Duration.ofSeconds(IDLE_SECONDS_MAX).toNanos();

  /** Rings dropped in one call of {@link #dropIdle} at most; the others are dropped by the next. */
  private static final int DROPPED_MAX = 50_000;

  private final long bytesMax;

  /** The list of rings, from the least recently used on; null: there are none. */
  private @Nullable DeliveryRing oldest;

  private @Nullable DeliveryRing newest;
  private long nowNanos;
  private long bytes;
  private int size;

  /** {@link #bytes} for other threads, set once for each poll. */
  private volatile long bytesReported;

  private volatile int sizeReported;

  /**
   * No rings yet.
   *
   * @param bytesMax bytes of all rings together; 0: no delivery is kept
   */
  public DeliveryRings(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Binds the bytes of the rings, their bound, and the number of rings. */
  public void bindTo(Meters meters) {
    meters.gauge(
        "pabal.connector.ring.bytes",
        "Memory that recent deliveries take, as estimated",
        () -> bytesReported);
    meters.gauge(
        "pabal.connector.ring.bytes.max",
        "Memory beyond which the deliveries of the least recently used feeds leave",
        () -> bytesMax);
    meters.gauge(
        "pabal.connector.ring.feeds", "Feeds with recent deliveries in memory", () -> sizeReported);
  }

  /** Bytes of all rings, as of the last poll. Any thread. */
  public long bytes() {
    return bytesReported;
  }

  /** Number of rings, as of the last poll. Any thread. */
  public int size() {
    return sizeReported;
  }

  /**
   * Adds a delivery to the ring of its feed. Called before the feed's {@code seen} position is
   * raised to it. If the ring ends below that position, a position was seen that the ring has no
   * delivery for, and it begins anew.
   */
  void add(Feed feed, Delivery delivery) {
    int added = delivery.heapBytes();
    if (!feed.isActive() || added > bytesMax / LARGEST_PART) {
      return;
    }
    DeliveryRing ring = feed.ring();
    if (ring == null) {
      ring = new DeliveryRing(feed);
      feed.ring(ring);
      bytes += DeliveryRing.HEAP_BYTES;
      ring.usedNanos = nowNanos;
      append(ring);
    } else {
      if (ring.end() != feed.seen()) {
        empty(ring);
      }
      // Within a poll the order does not matter.
      if (ring.usedNanos != nowNanos) {
        used(ring);
      }
    }
    ring.add(delivery);
    ring.bytes += added;
    bytes += added;
    while (bytes > bytesMax && oldest != null) {
      removeOne(oldest);
    }
  }

  /** Drops the ring of the feed: a record of the feed was skipped, so its contents are unknown. */
  void drop(Feed feed) {
    DeliveryRing ring = feed.ring();
    if (ring != null) {
      drop(ring);
    }
  }

  /** Begins a poll, at a time of {@link System#nanoTime}: drops the rings of idle feeds. */
  void beginPoll(long nanos) {
    nowNanos = nanos;
    dropIdle();
    bytesReported = bytes;
    sizeReported = size;
  }

  private void dropIdle() {
    for (int i = 0; i < DROPPED_MAX; i++) {
      DeliveryRing ring = oldest;
      if (ring == null || nowNanos - ring.usedNanos < IDLE_NANOS_MAX) {
        return;
      }
      if (ring.takeRead()) {
        used(ring);
      } else {
        drop(ring);
      }
    }
  }

  private void removeOne(DeliveryRing ring) {
    if (ring != newest && ring.takeRead()) {
      used(ring);
      return;
    }
    int removed = ring.removeOldest().heapBytes();
    ring.bytes -= removed;
    bytes -= removed;
    if (ring.size() == 0) {
      drop(ring);
    }
  }

  private void empty(DeliveryRing ring) {
    bytes -= ring.bytes - DeliveryRing.HEAP_BYTES;
    ring.bytes = DeliveryRing.HEAP_BYTES;
    ring.restart(ring.feed.seen());
  }

  /** A loop that is reading the ring keeps a valid copy: a ring that is dropped does not change. */
  private void drop(DeliveryRing ring) {
    ring.feed.ring(null);
    bytes -= ring.bytes;
    unlink(ring);
  }

  private void used(DeliveryRing ring) {
    ring.usedNanos = nowNanos;
    if (ring != newest) {
      unlink(ring);
      append(ring);
    }
  }

  private void append(DeliveryRing ring) {
    DeliveryRing last = newest;
    ring.older = last;
    if (last == null) {
      oldest = ring;
    } else {
      last.newer = ring;
    }
    newest = ring;
    size++;
  }

  private void unlink(DeliveryRing ring) {
    DeliveryRing before = ring.older;
    DeliveryRing after = ring.newer;
    if (before == null) {
      oldest = after;
    } else {
      before.newer = after;
    }
    if (after == null) {
      newest = before;
    } else {
      after.older = before;
    }
    ring.older = null;
    ring.newer = null;
    size--;
  }
}
