// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.TimelineReader;

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
  private final TimelineReader timelines;

  private SessionCache(RedisServer redis, SessionStore sessions, TimelineReader timelines) {
    this.redis = redis;
    this.sessions = sessions;
    this.timelines = timelines;
  }

  /**
   * Connects. Blocks.
   *
   * @throws IllegalStateException when Redis cannot be reached
   */
  public static SessionCache connect(SessionCacheConfig config) {
    RedisServer redis = RedisServer.at(config.redisUri(), config.commandTimeout());
    try {
      return new SessionCache(
          redis,
          new SessionStore(redis.connect()),
          new TimelineReader(redis.connect(), redis.scheduler(), config.timelineWaitMax()));
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

  /** Disconnects; calls under way fail. Blocks for a few seconds at most. */
  @Override
  public void close() {
    timelines.close();
    redis.close();
  }
}
