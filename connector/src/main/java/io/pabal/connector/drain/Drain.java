// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionTable;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the sessions of a connector that drains, a few at a time, so that Redis and the connectors
 * which take them over can bear it, but in time. Sessions that were not ended yet continue as
 * before.
 *
 * <p>A {@link DrainPace} says how many are due. At most {@value #RELEASING_MAX} sessions at a time
 * wait for Redis to store their release: a Redis that is slow gets no more than it can store before
 * the time-out of a command.
 *
 * <p>Every tick ends the sessions that are due, and continues the walk through the table of
 * sessions. So there is no list of sessions and no timer per session. A walk that has reached its
 * end begins again when every session that it ended is released, because sessions may have been
 * added behind it. Used by one thread, except {@link #hurry}.
 */
public final class Drain {

  /** Redis stores so many releases in less than a second. */
  static final int RELEASING_MAX = 20_000;

  private static final Duration TICK = Duration.ofMillis(50);

  private final ConnectorConfig.Drain config;
  private final SessionTable sessions;
  private final ConnectorMetrics metrics;
  private final AtomicInteger leaving = new AtomicInteger();
  private final long begunNanos;
  private final DrainPace pace;
  private final int releasingMax;
  private Iterator<Session> walk = Collections.emptyIterator();
  private volatile boolean hurried;

  /** A drain that begins at {@code nowNanos}, a time of {@link System#nanoTime}. */
  public Drain(
      ConnectorConfig.Drain config,
      SessionTable sessions,
      ConnectorMetrics metrics,
      long nowNanos) {
    this(config, sessions, metrics, nowNanos, RELEASING_MAX);
  }

  /** As the other constructor; at most {@code releasingMax} sessions are released at a time. */
  public Drain(
      ConnectorConfig.Drain config,
      SessionTable sessions,
      ConnectorMetrics metrics,
      long nowNanos,
      int releasingMax) {
    this.config = config;
    this.sessions = sessions;
    this.metrics = metrics;
    this.begunNanos = nowNanos;
    this.pace = new DrainPace(config, TICK, nowNanos);
    this.releasingMax = releasingMax;
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
      Thread.sleep(TICK.toMillis());
    }
    return true;
  }

  /** The sessions that leave a second, as long as nothing holds them up; 0: all at once. */
  public int perSecond() {
    return config.sessionsPerSecond() == 0
        ? 0
        : (int) Math.ceil(pace.perSecond(sessions.size(), begunNanos));
  }

  /** Makes the next tick end all remaining sessions at once. Any thread. */
  public void hurry() {
    hurried = true;
  }

  /**
   * Ends the sessions that are due, unless too many are being released. After the configured
   * time-out all sessions are due.
   *
   * @param nowNanos a time of {@link System#nanoTime}
   * @return whether no session is left and all are released
   */
  public boolean tick(long nowNanos) {
    pace.advance(sessions.size(), nowNanos);
    while (leaving.get() < releasingMax && hasNext() && (hurried || pace.tryTake())) {
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
