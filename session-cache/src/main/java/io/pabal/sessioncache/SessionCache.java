// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.SessionRebuild;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.TimelineReader;
import io.pabal.sessioncache.timeline.TimelineRepair;
import io.pabal.telemetry.Meters;

/**
 * A connector's way to everything that Pabal keeps in Redis.
 *
 * <p>Two connections, so that long pages of a timeline do not delay a claim. Thread-safe, and after
 * {@link #connect} nothing blocks: every call answers with a stage that completes on a Lettuce
 * thread, within the command timeout. While Redis is away calls fail at once; the connections come
 * back by themselves.
 */
public final class SessionCache implements AutoCloseable {

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
   * Whether Redis was there when it was last asked, which the connector does every other second.
   * Timelines may not be read for hours, so of their connection it counts only that it is open. Any
   * thread, asks nobody.
   */
  public boolean isUp() {
    return sessionLink.isUp() && timelineLink.isOpen();
  }

  /** Binds what the connections to Redis count. */
  public void bindTo(Meters meters) {
    sessionLink.bindTo(meters, "sessions");
    timelineLink.bindTo(meters, "timelines");
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
