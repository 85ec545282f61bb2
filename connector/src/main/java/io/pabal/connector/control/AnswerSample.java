// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import io.pabal.connector.delivery.Feed;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long the router takes to answer an announcement, for at most {@value #SAMPLED_MAX}
 * feeds at a time: each feed costs one look at an array. Any thread; never blocks.
 */
final class AnswerSample {

  private static final int SAMPLED_MAX = 64;

  private record Announced(Feed feed, long nanos) {}

  private final AtomicReferenceArray<@Nullable Announced> places =
      new AtomicReferenceArray<>(SAMPLED_MAX);
  private final LongConsumer listener;

  /**
   * No feed is measured yet.
   *
   * @param listener gets each time, in nanoseconds; must not block
   */
  AnswerSample(LongConsumer listener) {
    this.listener = listener;
  }

  /** The feed was announced; it is measured if its place is free. */
  void announced(Feed feed, long nowNanos) {
    int place = place(feed);
    if (places.get(place) == null) {
      places.compareAndSet(place, null, new Announced(feed, nowNanos));
    }
  }

  /** The router has answered the feed. */
  void answered(Feed feed, long nowNanos) {
    Announced measured = taken(feed);
    if (measured != null) {
      listener.accept(nowNanos - measured.nanos);
    }
  }

  /** The feed needs no answer any more. */
  void withdrawn(Feed feed) {
    var _ = taken(feed);
  }

  private @Nullable Announced taken(Feed feed) {
    int place = place(feed);
    Announced present = places.get(place);
    return present != null && present.feed == feed && places.compareAndSet(place, present, null)
        ? present
        : null;
  }

  private static int place(Feed feed) {
    return Math.floorMod(feed.activation(), SAMPLED_MAX);
  }
}
