// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Operations that time out while Redis is frozen, and run when Redis wakes up. Afterwards no
 * session without a connector seems live.
 */
class LateClaimTest {

  private static final String KEY = SessionKeys.session("phone");
  private static final long HOUR_SECONDS = 3_600;
  private static final Duration TIMEOUT = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static RedisFixture redis;
  private static SessionCache cache;
  private static SessionStore sessions;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache = SessionCache.connect(new SessionCacheConfig(redis.uri(), TIMEOUT), 12);
    sessions = cache.sessions();
  }

  @AfterAll
  static void stop() {
    cache.close();
    redis.close();
  }

  /**
   * Redis caches each script, also after a restart by another test: a script that it has not cached
   * does not run late.
   */
  @BeforeEach
  void cacheScripts() {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              SessionClaim known = begun("c1");
              await(sessions.release(known, SessionProgress.NONE, HOUR_SECONDS));
              await(sessions.abandon(begun("c1")));
              redis.commands().flushall();
              Owner owner = new Owner("c1", 1);
              await(sessions.restore(known, owner, HOUR_SECONDS, List.of(), List.of()));
            });
    redis.commands().flushall();
  }

  @Test
  void shouldRemoveALateClaimOfASessionThatEndsWithItsConnection() {
    sendLate(() -> claim("c1", false, 0));

    awaitSettled(() -> assertThat(redis.commands().exists(KEY)).isZero());
  }

  @Test
  void shouldRemoveALateClaimOfASessionThatWouldBeKept() {
    sendLate(() -> claim("c1", false, HOUR_SECONDS));

    awaitSettled(() -> assertThat(redis.commands().exists(KEY)).isZero());
  }

  @Test
  void shouldReleaseTheStoredSessionThatALateClaimTook() {
    SessionClaim first = begun("c1");
    await(sessions.putFeeds(first, List.of(at("rooms/42", 7))));
    await(sessions.release(first, SessionProgress.NONE, HOUR_SECONDS));

    sendLate(() -> claim("c2", false, HOUR_SECONDS));

    awaitSettled(
        () -> {
          assertThat(stored()).containsEntry("owner", "").containsKey("f:rooms/42");
          assertThat(redis.commands().ttl(KEY)).isPositive().isLessThanOrEqualTo(HOUR_SECONDS);
        });
  }

  @Test
  void shouldReleaseASessionThatALateBeginBegan() {
    SessionClaim claimed = await(claim("c1", true, HOUR_SECONDS)).session();
    sendLate(
        () -> {
          var begun = sessions.begin(claimed, HOUR_SECONDS);
          // The connector does this when it gets no reply.
          return begun.whenComplete((result, failure) -> sessions.abandon(claimed));
        });

    awaitSettled(() -> assertThat(stored()).doesNotContainEntry("owner", "c1"));
  }

  @Test
  void shouldReleaseASessionThatALateRestoreWrote() {
    SessionClaim lost = await(claim("c1", false, HOUR_SECONDS)).session();
    redis.commands().flushall();

    sendLate(
        () ->
            sessions.restore(
                lost, new Owner("c1", 1), HOUR_SECONDS, List.of(at("rooms/42", 7)), List.of()));

    awaitSettled(() -> assertThat(stored()).containsEntry("owner", "").containsKey("f:rooms/42"));
  }

  @Test
  void shouldRepeatAReleaseThatRedisDidNotAnswer() {
    SessionClaim claimed = begun("c1");
    // While the connection is down, the release does not reach Redis.
    redis.stop();
    assertThatThrownBy(() -> await(sessions.release(claimed, SessionProgress.NONE, HOUR_SECONDS)));

    redis.startAgain();

    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(stored()).containsEntry("owner", ""));
    awaitConnected();
  }

  @Test
  void shouldNotEndAClaimThatCameAfterTheLateOne() {
    redis.freeze();
    try {
      assertThatThrownBy(() -> await(claim("c1", false, HOUR_SECONDS)))
          .hasMessageContaining("timed out");
      // The end of the claim had no answer either: it is made again, behind the next claim.
      Awaitility.await().atMost(PATIENCE).until(() -> sessions.repeatsDue() > 0);
    } finally {
      redis.thaw();
    }
    awaitConnected(); // a connection on which nothing came back was given up
    SessionClaim later = begun("c1");

    awaitSettled(() -> assertThat(stored()).containsEntry("owner", "c1"));

    // On the same connection, and thus behind whatever was on its way.
    assertThat(await(sessions.touch(later))).isEqualTo(FenceResult.APPLIED);
    assertThat(stored()).containsEntry("owner", "c1");
  }

  @Test
  void shouldNotRepeatAnOperationThatWasNeverSent() {
    redis.stop();
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> await(claim("c1", false, 0)))
                    .hasMessageContaining("Commands are rejected"));
    int before = sessions.repeats();
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> await(claim("c1", false, 0)));
    }

    assertThat(sessions.repeats()).isEqualTo(before);

    redis.startAgain();
    awaitConnected();
  }

  /** Sends an operation while Redis is frozen, and wakes Redis when the operation has timed out. */
  private static void sendLate(Supplier<CompletionStage<?>> operation) {
    redis.freeze();
    try {
      assertThatThrownBy(() -> await(operation.get())).hasMessageContaining("timed out");
    } finally {
      redis.thaw();
    }
  }

  /**
   * Waits until Redis has run all operations, no operation is due to be repeated, and {@code state}
   * holds.
   */
  private static void awaitSettled(ThrowingRunnable state) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(sessions.repeatsDue()).isZero();
              state.run();
            });
  }

  private static void awaitConnected() {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> await(sessions.generations(new int[] {0})).length > 0);
  }

  private static SessionClaim begun(String connector) {
    SessionClaim claimed = await(claim(connector, false, HOUR_SECONDS)).session();
    await(sessions.begin(claimed, HOUR_SECONDS));
    return claimed;
  }

  private static CompletionStage<Claim> claim(String connector, boolean clean, long expiry) {
    return sessions.claim(new ClaimRequest("phone", connector, 1, clean, expiry));
  }

  private static StoredFeed at(String address, long cursor) {
    return StoredFeed.parse(address, "1 " + cursor);
  }

  private static Map<String, String> stored() {
    return redis.commands().hgetall(KEY);
  }
}
