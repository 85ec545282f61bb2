// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.schemas.topic.Feeds;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The feeds in which local sessions have subscriptions: the connector's own half of the location
 * table. Safe for use by many threads.
 *
 * <p>The first session of a feed announces its location, and the end of the last one withdraws it.
 * In between the location may be announced again. All three calls happen under the map's lock of
 * that feed, so they leave in the order in which the table changed.
 */
public final class FeedTable {

  /**
   * Announces and withdraws locations. Called in order per feed, by any thread, under the table's
   * lock of the feed; must not block.
   */
  public interface Announcer {
    /** The feed has its first session: announces it to the router, which has to answer. */
    void announce(Feed feed);

    /** Announces once more a feed whose activation the router has answered. */
    void announceAgain(Feed feed);

    /** The last session of the feed has left: withdraws its location. */
    void withdraw(Feed feed);
  }

  private final ConcurrentHashMap<String, Feed> feeds = new ConcurrentHashMap<>();
  private final AtomicLong activations = new AtomicLong();
  private final Announcer announcer;
  private final Feeds division;
  private final int loops;

  /**
   * An empty table for a connector with {@code loops} event loops.
   *
   * @param division the division of addresses into feeds
   */
  public FeedTable(Announcer announcer, Feeds division, int loops) {
    this.announcer = announcer;
    this.division = division;
    this.loops = loops;
  }

  /** The name of the feed to which an address, or a topic filter without wildcards, belongs. */
  public String nameOf(String address) {
    return division.prefixOf(address);
  }

  /** Holds the feed for one session; announces it if it was not held before. */
  public Feed acquire(String name) {
    Feed held =
        feeds.compute(
            name,
            (key, present) -> {
              Feed feed = present;
              if (feed == null) {
                int partition = division.partitionOf(key);
                feed = new Feed(key, partition, activations.incrementAndGet(), loops);
                announcer.announce(feed);
              }
              feed.holders++;
              return feed;
            });
    return Objects.requireNonNull(held);
  }

  /** Ends the hold of one {@link #acquire}; called once for each. Withdraws after the last one. */
  public void release(Feed feed) {
    feeds.computeIfPresent(
        feed.name(),
        (key, present) -> {
          if (present != feed || --present.holders > 0) {
            return present;
          }
          announcer.withdraw(present);
          return null;
        });
  }

  /**
   * Announces the feed once more. No effect if this activation was withdrawn in the meantime, or if
   * the router has not answered its announcement yet.
   */
  void announceAgain(Feed feed) {
    feeds.computeIfPresent(
        feed.name(),
        (key, present) -> {
          if (present == feed && present.isActive()) {
            announcer.announceAgain(present);
          }
          return present;
        });
  }

  /** Walks all feeds once; may miss feeds that are added or removed during the walk. */
  Iterator<Feed> walk() {
    return feeds.values().iterator();
  }

  /** The feed, or null when no local session has a subscription in it. */
  @Nullable Feed find(String name) {
    return feeds.get(name);
  }

  /**
   * As {@link #find}, but also finds a feed whose first announcement is under way: the router's
   * answer may arrive before {@link #acquire} has returned. May wait for a thread that acquires or
   * releases the feed.
   */
  @Nullable Feed findAnnounced(String name) {
    return feeds.computeIfPresent(name, (key, present) -> present);
  }

  /** Number of feeds. */
  public int size() {
    return feeds.size();
  }
}
