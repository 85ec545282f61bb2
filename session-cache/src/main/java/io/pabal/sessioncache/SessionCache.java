// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.SessionRebuild;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.TimelineReader;
import io.pabal.sessioncache.timeline.TimelineRepair;
import java.time.Duration;

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
  private final SessionStore sessions;
  private final SessionRebuild rebuild;
  private final TimelineReader timelines;
  private final RedisLink timelineLink;

  private SessionCache(
      RedisServer redis, RedisLink sessionLink, RedisLink timelineLink, Duration waitMax) {
    this.redis = redis;
    this.sessions = new SessionStore(sessionLink);
    this.rebuild = new SessionRebuild(sessionLink);
    this.timelines = new TimelineReader(timelineLink, redis.scheduler(), waitMax);
    this.timelineLink = timelineLink;
  }

  /**
   * Connects. Blocks.
   *
   * @throws IllegalStateException when Redis cannot be reached
   */
  public static SessionCache connect(SessionCacheConfig config) {
    RedisServer redis = RedisServer.at(config.redisUri(), config.commandTimeout());
    try {
      return new SessionCache(redis, redis.connect(), redis.connect(), config.timelineWaitMax());
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
