// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Handles deliveries under an earlier activation of a feed that is live. Such a delivery may show
 * that the router's location table holds an older row, so the feed is announced again at once. The
 * delivery may also come from a router that was frozen; then the announcement is not needed and
 * does no harm.
 *
 * <p>Announces at most {@value #FEEDS_MAX} feeds in {@value #SECONDS} seconds, and each of them
 * once. Further feeds wait for {@link LocationRefresh}. Used by the delivery consumer's thread
 * only.
 */
final class OlderRows {

  private static final int FEEDS_MAX = 1_000;
  private static final int SECONDS = 5;

  private final FeedTable feeds;
  private final Set<Feed> announced = new HashSet<>();
  private long beganNanos = System.nanoTime();

  OlderRows(FeedTable feeds) {
    this.feeds = feeds;
  }

  /** A delivery arrived that is not for the present activation of feed {@code name}. */
  void noteDelivery(String name, long activation) {
    Feed present = feeds.find(name);
    if (present == null || activation >= present.activation() || !present.isActive()) {
      return;
    }
    long nowNanos = System.nanoTime();
    if (nowNanos - beganNanos >= TimeUnit.SECONDS.toNanos(SECONDS)) {
      announced.clear();
      beganNanos = nowNanos;
    }
    if (announced.size() < FEEDS_MAX && announced.add(present)) {
      feeds.announceAgain(present);
    }
  }
}
