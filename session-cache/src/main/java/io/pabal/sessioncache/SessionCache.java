// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.SessionRebuild;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.TimelineReader;
import io.pabal.sessioncache.timeline.TimelineRepair;
import io.pabal.telemetry.Meters;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A connector's way to everything that Pabal keeps in Redis.
 *
 * <p>Two connections, so that long pages of a timeline do not delay a claim. Thread-safe, and after
 * {@link #connect} nothing blocks: every call answers with a stage that completes on a Lettuce
 * thread, within the command timeout. While Redis is away calls fail at once; the connections come
 * back by themselves.
 */
public final class SessionCache implements AutoCloseable {

  private static final int PROBE_SECONDS = 2;

  private final RedisServer redis;
  private final RedisLink sessionLink;
  private final RedisLink timelineLink;
  private final SessionStore sessions;
  private final SessionRebuild rebuild;
  private final TimelineReader timelines;

  private SessionCache(RedisServer redis, SessionCacheConfig config) {
    this.redis = redis;
    this.sessionLink = redis.connect();
    this.timelineLink = redis.connect();
    this.sessions = new SessionStore(sessionLink);
    this.rebuild = new SessionRebuild(sessionLink);
    this.timelines = new TimelineReader(timelineLink, redis.scheduler(), config.timelineWaitMax());
  }

  /**
   * Connects. Blocks.
   *
   * @throws IllegalStateException when Redis cannot be reached
   */
  public static SessionCache connect(SessionCacheConfig config) {
    RedisServer redis = RedisServer.at(config.redisUri(), config.commandTimeout());
    try {
      return new SessionCache(redis, config);
    } catch (RuntimeException e) {
      redis.close();
      throw e;
    }
  }

  /** The sessions. */
  public SessionStore sessions() {
    return sessions;
  }

  /** The timelines. */
  public TimelineReader timelines() {
    return timelines;
  }

  /**
   * Why Redis does not do what a connector needs; empty while it does. Rests on {@link
   * #startProbing}. Any thread, asks nobody.
   */
  public Optional<String> problem() {
    return sessionLink.problem().or(timelineLink::problem);
  }

  /**
   * Begins to do every {@value #PROBE_SECONDS} s in Redis what claims, checkpoints and catching up
   * do, leaving nothing behind, so that {@link #problem} knows of a Redis that answers and refuses.
   */
  public void startProbing() {
    startProbing(TimeUnit.SECONDS.toMillis(PROBE_SECONDS));
  }

  /** The same every {@code intervalMillis}. */
  void startProbing(long intervalMillis) {
    var _ =
        redis
            .scheduler()
            .scheduleWithFixedDelay(this::probe, 0, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /** What becomes of it is for {@link #problem}. */
  private void probe() {
    sessions.probe();
    timelines.probe();
  }

  /** Binds what the connections to Redis count. */
  public void bindTo(Meters meters) {
    sessionLink.bindTo(meters, "sessions");
    timelineLink.bindTo(meters, "timelines");
    sessions.bindTo(meters);
    timelines.bindTo(meters);
  }

  /** Writes lost sessions again. */
  public SessionRebuild rebuild() {
    return rebuild;
  }

  /** Puts lost messages back into the timelines of the {@code messages} topic with this id. */
  public TimelineRepair repair(String topicId) {
    return new TimelineRepair(timelineLink, topicId);
  }

  /** Disconnects; calls under way fail. Blocks for a few seconds at most. */
  @Override
  public void close() {
    timelines.close();
    redis.close();
  }
}
