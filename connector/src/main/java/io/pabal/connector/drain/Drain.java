// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.RateLimit;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionTable;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Ends the sessions of a connector that drains, at a rate that the connectors which take them over
 * can bear. Sessions that were not ended yet continue as before.
 *
 * <p>Every tick ends as many sessions as the rate allows by then, and continues the walk through
 * the table of sessions. So there is no list of sessions and no timer per session. A walk that has
 * reached its end begins again when every session that it ended is released, because sessions may
 * have been added behind it. Used by one thread, except {@link #hurry}.
 */
public final class Drain {

  private static final int TICKS_PER_SECOND = 20;

  private final ConnectorConfig.Drain config;
  private final SessionTable sessions;
  private final ConnectorMetrics metrics;
  private final AtomicInteger leaving = new AtomicInteger();
  private final long begunNanos;
  private final @Nullable RateLimit rate;
  private Iterator<Session> walk = Collections.emptyIterator();
  private volatile boolean hurried;

  /** A drain that begins at {@code nowNanos}, a time of {@link System#nanoTime}. */
  public Drain(
      ConnectorConfig.Drain config,
      SessionTable sessions,
      ConnectorMetrics metrics,
      long nowNanos) {
    this.config = config;
    this.sessions = sessions;
    this.metrics = metrics;
    this.begunNanos = nowNanos;
    int perSecond = config.sessionsPerSecond();
    this.rate =
        perSecond == 0
            ? null
            : new RateLimit(perSecond, Math.max(1, perSecond / TICKS_PER_SECOND), nowNanos);
  }

  /**
   * Drains, and returns when every session is released. Blocks at most for the configured time-out,
   * counted from the beginning of the drain, and for {@code releaseMillis} after it.
   *
   * @return whether all sessions were released in time
   */
  public boolean run(long releaseMillis) throws InterruptedException {
    long deadlineNanos =
        begunNanos + config.timeout().toNanos() + TimeUnit.MILLISECONDS.toNanos(releaseMillis);
    while (!tick(System.nanoTime())) {
      if (System.nanoTime() - deadlineNanos > 0) {
        return false;
      }
      Thread.sleep(TimeUnit.SECONDS.toMillis(1) / TICKS_PER_SECOND);
    }
    return true;
  }

  /** Makes the next tick end all remaining sessions at once. Any thread. */
  public void hurry() {
    hurried = true;
  }

  /**
   * Ends the sessions that are due. After the configured time-out these are all sessions.
   *
   * @param nowNanos a time of {@link System#nanoTime}
   * @return whether no session is left and all are released
   */
  public boolean tick(long nowNanos) {
    boolean atOnce = hurried || nowNanos - begunNanos >= config.timeout().toNanos();
    while (hasNext() && (atOnce || rate == null || rate.tryTake(nowNanos))) {
      end(walk.next());
    }
    return leaving.get() == 0 && sessions.size() == 0;
  }

  private boolean hasNext() {
    if (!walk.hasNext() && leaving.get() == 0) {
      walk = sessions.all().iterator();
    }
    return walk.hasNext();
  }

  private void end(Session session) {
    metrics.sessionsDrained.increment();
    leaving.incrementAndGet();
    var _ = session.drain().whenComplete((released, error) -> leaving.decrementAndGet());
  }
}
