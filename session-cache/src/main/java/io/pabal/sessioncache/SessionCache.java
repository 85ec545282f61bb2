// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.SessionRebuild;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.TimelineKeys;
import io.pabal.sessioncache.timeline.TimelineReader;
import io.pabal.sessioncache.timeline.TimelineRepair;
import io.pabal.telemetry.Meters;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A connector's access to all data that Pabal keeps in Redis: sessions and timelines.
 *
 * <p>There are three connections, so that neither long pages of a timeline nor the progress of many
 * sessions is in front of a claim.
 *
 * <p>Thread-safe. Calls on the sessions and the timelines do not block: they return stages, which
 * complete on a Lettuce thread, within the command timeout. A read of a timeline may in addition
 * wait for the timeline writer, up to {@link SessionCacheConfig#timelineWaitMax}. While a
 * connection is down, its calls fail at once; it is reconnected automatically.
 */
public final class SessionCache implements AutoCloseable {

  private static final int PROBE_SECONDS = 2;

  private final RedisServer redis;
  private final RedisLink sessionLink;
  private final RedisLink progressLink;
  private final RedisLink timelineLink;
  private final TimelineKeys keys;
  private final SessionStore sessions;
  private final SessionRebuild rebuild;
  private final TimelineReader timelines;

  private SessionCache(RedisServer redis, SessionCacheConfig config, int partitions) {
    this.redis = redis;
    this.sessionLink = redis.connect();
    this.progressLink = redis.connect();
    this.timelineLink = redis.connect();
    this.sessions = new SessionStore(sessionLink, progressLink);
    this.keys = new TimelineKeys(partitions);
    this.rebuild = new SessionRebuild(sessionLink);
    this.timelines =
        new TimelineReader(timelineLink, keys, redis.scheduler(), config.timelineWaitMax());
  }

  /**
   * Connects to Redis. Blocks.
   *
   * @param partitions the number of partitions of {@code messages}
   * @throws RedisUnavailableException when Redis cannot be reached
   */
  public static SessionCache connect(SessionCacheConfig config, int partitions) {
    RedisServer redis = RedisServer.at(config.redisUri(), config.commandTimeout());
    try {
      return new SessionCache(redis, config, partitions);
    } catch (RuntimeException e) {
      redis.close();
      throw e;
    }
  }

  /** The stored sessions. */
  public SessionStore sessions() {
    return sessions;
  }

  /** The timelines. */
  public TimelineReader timelines() {
    return timelines;
  }

  /**
   * Why Redis does not serve this connector; empty while Redis does. Any thread; sends no command.
   * The result follows from the probes of {@link #startProbing} and the calls since then.
   */
  public Optional<String> problem() {
    return sessionLink.problem().or(progressLink::problem).or(timelineLink::problem);
  }

  /**
   * Starts to probe Redis every {@value #PROBE_SECONDS} s. A probe runs the commands of claims,
   * checkpoints and timeline reads, and leaves nothing behind. {@link #problem} thus detects a
   * Redis that replies but refuses these commands.
   */
  public void startProbing() {
    startProbing(TimeUnit.SECONDS.toMillis(PROBE_SECONDS));
  }

  /** Starts to probe Redis every {@code intervalMillis}. */
  void startProbing(long intervalMillis) {
    var _ =
        redis
            .scheduler()
            .scheduleWithFixedDelay(this::probe, 0, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /** Sends one probe on each connection. {@link #problem} gives the results. */
  private void probe() {
    sessions.probe();
    timelines.probe();
  }

  /** Binds the metrics of the connections, the sessions and the timelines. */
  public void bindTo(Meters meters) {
    sessionLink.bindTo(meters, "sessions");
    progressLink.bindTo(meters, "progress");
    timelineLink.bindTo(meters, "timelines");
    sessions.bindTo(meters);
    timelines.bindTo(meters);
  }

  /** The operations that write lost sessions again. */
  public SessionRebuild rebuild() {
    return rebuild;
  }

  /**
   * The operations that put lost messages back into timelines.
   *
   * @param topicId Kafka's id of the topic {@code messages}
   */
  public TimelineRepair repair(String topicId) {
    return new TimelineRepair(timelineLink, keys, topicId);
  }

  /** Disconnects; calls in flight fail. Blocks for a few seconds at most. */
  @Override
  public void close() {
    timelines.close();
    redis.close();
  }
}
