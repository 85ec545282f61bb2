// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.LongSupplier;

/**
 * Announces each live feed again once per interval, spread evenly over the interval. So a row of
 * the router's location table that was lost, or fell back to an older version, is right again after
 * one interval. A row that is right costs one record in {@code locations}, and the router does not
 * answer. A row that was wrong is answered, and the answer makes the subscribers look for the
 * messages that they missed.
 *
 * <p>Walks the table; no state is kept per feed. Announces at most {@value #PER_SECOND_MAX} feeds a
 * second and {@value #BATCH_MAX} at a time, so a table too large for this rate takes longer than
 * the interval. Announcements that were due while the thread stood still are not made up for. Used
 * by one thread only.
 */
public final class LocationRefresh {

  static final int BATCH_MAX = 2_000;
  static final int PER_SECOND_MAX = 10_000;

  private static final double NANOS_PER_SECOND = 1e9;

  private final FeedTable feeds;
  private final Duration interval;
  private final LongSupplier nanoClock;
  private Iterator<Feed> walk = Collections.emptyIterator();
  private long ranNanos;
  private double due;

  /**
   * A refresh of all of {@code feeds} once per {@code interval}.
   *
   * @param interval zero: never
   * @param nanoClock a clock like {@link System#nanoTime}
   */
  public LocationRefresh(FeedTable feeds, Duration interval, LongSupplier nanoClock) {
    this.feeds = feeds;
    this.interval = interval;
    this.nanoClock = nanoClock;
    this.ranNanos = nanoClock.getAsLong();
  }

  /** Announces the feeds that are due. Called several times a second; does not block. */
  public void run() {
    if (interval.isZero()) {
      return;
    }
    long nowNanos = nanoClock.getAsLong();
    double seconds = (nowNanos - ranNanos) / NANOS_PER_SECOND;
    ranNanos = nowNanos;
    double perSecond =
        Math.min(feeds.size() * NANOS_PER_SECOND / interval.toNanos(), PER_SECOND_MAX);
    due = Math.min(due + seconds * perSecond, BATCH_MAX);
    for (; due >= 1; due--) {
      if (!walk.hasNext()) {
        walk = feeds.walk();
      }
      if (!walk.hasNext()) {
        due = 0;
        return;
      }
      feeds.announceAgain(walk.next());
    }
  }
}
