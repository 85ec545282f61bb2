// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Feed;
import io.pabal.sessioncache.timeline.TimelineReader;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads timeline pages for the sessions of a connector: sessions that need the same page at the
 * same time share one read. Thread-safe; does not block.
 *
 * <p>One read of each feed can be joined: the newest one that is under way. A session joins it when
 * the page is certain to bring the session forward. That holds when the session's position is at or
 * above the read's, and less than {@code countMax} above it. For either the page has {@code
 * countMax} messages: their offsets differ, so the last one lies beyond the session's position. Or
 * the page is complete, and the session advances to the end of the read's range. A session that
 * cannot join starts a read of its own, and the next ones can join that.
 */
public final class TimelineReads {

  private final TimelineReader timelines;
  private final ConnectorMetrics metrics;
  private final ConcurrentHashMap<Feed, TimelineRead> underWay = new ConcurrentHashMap<>();

  /** Reads through {@code timelines}; counts in {@code metrics}. */
  public TimelineReads(TimelineReader timelines, ConnectorMetrics metrics) {
    this.timelines = timelines;
    this.metrics = metrics;
  }

  /**
   * Joins the read of the feed that is under way, or starts one. The page may begin below {@code
   * after} and may end below or beyond {@code through}: see {@link TimelineRead#through}.
   *
   * @param after the position of the session
   * @param through a value beyond {@code after}
   * @param countMax the number of messages at most, when a read is started
   */
  TimelineRead read(Feed feed, long after, long through, int countMax) {
    TimelineRead present = underWay.get(feed);
    if (present != null && present.brings(after)) {
      metrics.catchUpReadsShared.increment();
      return present;
    }
    TimelineRead started = new TimelineRead(after, through, countMax);
    underWay.put(feed, started);
    metrics.catchUpReads.increment();
    timelines
        .read(feed.name(), feed.partition(), after, through, countMax)
        .whenComplete(
            (page, error) -> {
              underWay.remove(feed, started);
              started.complete(page, error);
            });
    return started;
  }
}
