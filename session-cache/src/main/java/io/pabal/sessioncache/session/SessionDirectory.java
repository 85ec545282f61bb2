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
 * All stored sessions, as operators see them: found by name, or walked over. Reading claims nothing
 * and delays nobody: a walk is steps of about {@value #STEP_KEYS} keys ({@code SCAN}), each of
 * which costs Redis some tens of microseconds, with one step under way at a time.
 *
 * <p>A walk finds every session that is there from its beginning to its end, perhaps twice; one
 * that comes or goes meanwhile may be found or not.
 *
 * <p>For one thread. Calls block until Redis answers, and throw {@link RedisUnavailableException}
 * when it does not within the command timeout.
 */
public final class SessionDirectory implements AutoCloseable {

  private static final int STEP_KEYS = 100;
  private static final String KEY_PREFIX = "pabal:session:{";
  private static final String KEY_SUFFIX = "}";
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

  /** Connects. */
  public static SessionDirectory connect(SessionCacheConfig config) {
    RedisServer server = RedisServer.at(config.redisUri(), config.commandTimeout());
    try {
      return new SessionDirectory(config, server, server.connect());
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** One session. */
  public Optional<StoredSession> find(String clientId) {
    return answer(read(KEY_PREFIX + clientId + KEY_SUFFIX));
  }

  /**
   * Walks over the sessions whose client identifiers begin with {@code prefix}.
   *
   * @param visitor is given each, in no order; false ends the walk
   */
  public void walk(String prefix, Predicate<StoredSession> visitor) {
    String pattern = KEY_PREFIX + literally(prefix) + "*" + KEY_SUFFIX;
    String cursor = KeyPage.START;
    do {
      KeyPage page = answer(redis.scanHashes(cursor, pattern, STEP_KEYS));
      List<CompletionStage<Optional<StoredSession>>> reads = new ArrayList<>(page.keys().size());
      page.keys().forEach(key -> reads.add(read(key)));
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
   * Deletes what is stored of a session, whoever owns it; an owner that still lives is fenced and
   * ends its connection with its next write.
   *
   * @param epoch the session's epoch as it was found
   * @return false when it was claimed again since: nothing was deleted
   */
  public boolean forget(String clientId, long epoch) {
    String[] keys = {KEY_PREFIX + clientId + KEY_SUFFIX};
    return number(answer(redis.run(FORGET, keys, bytes(epoch))).getFirst()) == 1;
  }

  /** How many keys Redis has, of sessions and of whatever else: a walk finds no more. */
  public long keys() {
    return answer(redis.keyCount());
  }

  /** Redis's clock in microseconds: whatever is claimed from now on has a higher epoch. */
  public long clockMicros() {
    return number(answer(redis.run(CLOCK, new String[] {KEY_PREFIX})).getFirst());
  }

  /**
   * Sets cursors of a session back, so that its client gets again what lies behind them when it
   * comes back. What was in flight of these addresses is forgotten: it is sent as if for the first
   * time, in its place.
   *
   * @param found the session as it was found: without an owner, or with one that is gone
   * @param cursors where to set them, by address; one that is not lower than the stored one is
   *     passed over, and so is an address that is not subscribed to
   * @return false when somebody has claimed it since, or nothing is stored: nothing was changed
   */
  public boolean setBack(StoredSession found, Map<String, Long> cursors) {
    List<StoredDelivery> inFlight =
        found.inFlight().stream()
            .map(
                each ->
                    cursors.containsKey(each.address())
                        ? new StoredDelivery(each.packetId(), "", each.offset(), true)
                        : each)
            .toList();
    List<byte[]> arguments = new ArrayList<>(3 + 2 * cursors.size());
    arguments.add(bytes(found.epoch()));
    arguments.add(bytes(found.owner() == null ? "" : found.owner().connectorId()));
    arguments.add(InFlightFormat.encode(inFlight));
    cursors.forEach(
        (address, cursor) -> {
          arguments.add(bytes(address));
          arguments.add(bytes(cursor));
        });
    String[] keys = {KEY_PREFIX + found.clientId() + KEY_SUFFIX};
    byte[][] all = arguments.toArray(byte[][]::new);
    return number(answer(redis.run(SET_BACK, keys, all)).getFirst()) == 1;
  }

  @Override
  public void close() {
    server.close();
  }

  private CompletionStage<Optional<StoredSession>> read(String key) {
    String clientId = key.substring(KEY_PREFIX.length(), key.length() - KEY_SUFFIX.length());
    return redis
        .hash(key)
        .thenCombine(
            redis.secondsToLive(key), (fields, ttl) -> StoredSession.of(clientId, fields, ttl));
  }

  private <T> T answer(CompletionStage<T> stage) {
    try {
      // The stage itself fails after the command timeout; the bound here is for a client that
      // hangs.
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

  /** Text as a pattern of Redis that matches nothing else. */
  private static String literally(String text) {
    return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
  }
}
