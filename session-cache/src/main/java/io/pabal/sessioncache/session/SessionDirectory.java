// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;

import io.pabal.sessioncache.RedisUnavailableException;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.redis.KeyPage;
import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisAddress;
import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisProblem;
import io.pabal.sessioncache.redis.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * The stored sessions, for operators: a lookup by client identifier, and a walk over all sessions.
 * Reading makes no claim, and does not delay other users of Redis: a walk has steps of about
 * {@value #STEP_KEYS} keys ({@code SCAN}), each of which takes Redis some tens of microseconds, and
 * runs one step at a time.
 *
 * <p>A walk finds every session that exists from its beginning to its end, possibly twice. A
 * session that is created or deleted during the walk, or whose slot moves to another primary of a
 * cluster, may be missed.
 *
 * <p>For one thread. Calls block until Redis answers, and throw {@link RedisUnavailableException}
 * when Redis does not answer within the command timeout.
 */
public final class SessionDirectory implements AutoCloseable {

  private static final int STEP_KEYS = 100;
  private static final LuaScript FORGET =
      LuaScript.load(SessionDirectory.class, "session.lua", "forget.lua");
  private static final LuaScript SET_BACK =
      LuaScript.load(SessionDirectory.class, "session.lua", "setback.lua");
  private static final LuaScript CLOCK =
      LuaScript.load(SessionDirectory.class, "session.lua", "clock.lua");

  private final SessionCacheConfig config;
  private final RedisServer server;
  private final RedisLink redis;

  private SessionDirectory(SessionCacheConfig config, RedisServer server, RedisLink redis) {
    this.config = config;
    this.server = server;
    this.redis = redis;
  }

  /** Connects to Redis. */
  public static SessionDirectory connect(SessionCacheConfig config) {
    RedisServer server = RedisServer.at(config.redisUri(), config.commandTimeout());
    try {
      return new SessionDirectory(config, server, server.connect());
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** The session of a client identifier; empty when none is stored. */
  public Optional<StoredSession> find(String clientId) {
    return answer(read(SessionKeys.session(clientId)));
  }

  /**
   * Walks over the sessions whose client identifiers begin with {@code prefix}.
   *
   * @param visitor receives each session, in no particular order; returns false to end the walk
   */
  public void walk(String prefix, Predicate<StoredSession> visitor) {
    String pattern = SessionKeys.pattern(literally(prefix) + "*");
    String cursor = KeyPage.START;
    do {
      KeyPage page = answer(redis.scanHashes(cursor, pattern, STEP_KEYS));
      List<CompletionStage<Optional<StoredSession>>> reads = new ArrayList<>(page.keys().size());
      // The pattern also matches an identifier in which the prefix stands behind another "}:s:".
      page.keys().stream()
          .filter(key -> SessionKeys.clientId(key).startsWith(prefix))
          .forEach(key -> reads.add(read(key)));
      for (CompletionStage<Optional<StoredSession>> each : reads) {
        Optional<StoredSession> session = answer(each);
        if (session.isPresent() && !visitor.test(session.get())) {
          return;
        }
      }
      cursor = page.next();
    } while (!cursor.equals(KeyPage.START));
  }

  /**
   * Deletes a stored session with any owner. An owner that still runs is fenced: it ends the
   * connection at its next write.
   *
   * @param epoch the epoch with which the session was found
   * @return false when the session has been claimed since: nothing was deleted
   */
  public boolean forget(String clientId, long epoch) {
    String[] keys = {SessionKeys.session(clientId)};
    return number(answer(redis.run(FORGET, keys, bytes(epoch))).getFirst()) == 1;
  }

  /** The number of keys in Redis, of sessions and of other data: an upper bound for a walk. */
  public long keys() {
    return answer(redis.keyCount());
  }

  /** The clock of Redis in microseconds; later claims have higher epochs. */
  public long clockMicros() {
    return number(answer(redis.run(CLOCK, new String[] {SessionKeys.session("")})).getFirst());
  }

  /**
   * Sets back cursors of a session, so that its client gets the messages behind them again when it
   * returns. Deliveries in flight of these feeds are dropped: their messages are sent as if for the
   * first time, in order.
   *
   * @param found the session as found: without an owner, or with an owner that does not run
   * @param cursors the new cursors by feed; a cursor that is not lower than the stored one is
   *     ignored, as is a feed without a subscription
   * @return false when the session has been claimed since, or is not stored: nothing was changed
   */
  public boolean setBack(StoredSession found, Map<String, Long> cursors) {
    List<StoredDelivery> inFlight =
        found.inFlight().stream()
            .map(
                each ->
                    cursors.containsKey(each.feed())
                        ? new StoredDelivery(each.packetId(), "", each.offset(), true)
                        : each)
            .toList();
    List<byte[]> arguments = new ArrayList<>(3 + 2 * cursors.size());
    arguments.add(bytes(found.epoch()));
    arguments.add(bytes(found.owner() == null ? "" : found.owner().connectorId()));
    arguments.add(InFlightFormat.encode(inFlight));
    cursors.forEach(
        (feed, cursor) -> {
          arguments.add(bytes(feed));
          arguments.add(bytes(cursor));
        });
    String[] keys = {SessionKeys.session(found.clientId())};
    byte[][] all = arguments.toArray(byte[][]::new);
    return number(answer(redis.run(SET_BACK, keys, all)).getFirst()) == 1;
  }

  @Override
  public void close() {
    server.close();
  }

  private CompletionStage<Optional<StoredSession>> read(String key) {
    String clientId = SessionKeys.clientId(key);
    return redis
        .hash(key)
        .thenCombine(
            redis.secondsToLive(key), (fields, ttl) -> StoredSession.of(clientId, fields, ttl));
  }

  private <T> T answer(CompletionStage<T> stage) {
    try {
      // The stage fails after the command timeout; this bound is for a Redis client that hangs.
      return stage
          .toCompletableFuture()
          .get(2 * config.commandTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw RedisUnavailableException.refused(config.redisUri(), RedisProblem.describe(e), e);
    } catch (TimeoutException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  private RedisUnavailableException unavailable(Throwable cause) {
    return new RedisUnavailableException(
        "redis: %s does not answer: %s (expected: a reply within %d ms)."
            .formatted(
                RedisAddress.of(config.redisUri()),
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(),
                config.commandTimeout().toMillis()),
        cause);
  }

  /** The pattern of Redis that matches {@code text} literally. */
  private static String literally(String text) {
    return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
  }
}
