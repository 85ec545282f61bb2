// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lost sessions that a process other than their owner writes again. */
class SessionRebuildTest {

  private static final String KEY = SessionKeys.session("phone");
  private static final long HOUR_SECONDS = 3_600;

  private static RedisFixture redis;
  private static SessionCache cache;
  private static SessionStore sessions;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12);
    sessions = cache.sessions();
  }

  @AfterAll
  static void stop() {
    cache.close();
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.commands().flushall();
  }

  @Test
  void shouldWriteSessionThatRedisHasLost() {
    long epoch = claim().session().epoch();
    redis.commands().flushall();

    assertThat(rebuild(epoch, true, at("rooms/42", 7))).isTrue();

    assertThat(redis.commands().ttl(KEY)).isBetween(90L, 100L);
    Claim claim = claim();
    assertThat(claim.sessionPresent()).isTrue();
    assertThat(claim.previousOwner()).isNull();
    assertThat(claim.feeds()).containsExactly(at("rooms/42", 7));
    assertThat(claim.session().epoch()).isGreaterThan(epoch);
  }

  @Test
  void shouldYieldToTheConnectorThatStillHoldsTheSession() {
    // Given
    SessionClaim held = claim().session();
    redis.commands().flushall();
    rebuild(held.epoch(), true, at("rooms/42", 7));

    // Then the owner learns of a loss, and not of another owner
    assertThat(await(sessions.touch(held))).isEqualTo(FenceResult.LOST);
    SessionClaim restored =
        await(
                sessions.restore(
                    held, new Owner("c1", 3), HOUR_SECONDS, List.of(at("rooms/42", 9)), List.of()))
            .orElseThrow()
            .session();

    // And the restored session stays
    assertThat(rebuild(held.epoch(), true, at("rooms/42", 7))).isFalse();
    assertThat(await(sessions.touch(restored))).isEqualTo(FenceResult.APPLIED);
    assertThat(claim().feeds()).containsExactly(at("rooms/42", 9));
  }

  @Test
  void shouldLeaveASessionThatWasClaimedMeanwhile() {
    long lost = claim().session().epoch();
    redis.commands().flushall();
    SessionClaim newer = claim().session();

    assertThat(rebuild(lost, true, at("rooms/42", 7))).isFalse();
    assertThat(await(sessions.touch(newer))).isEqualTo(FenceResult.APPLIED);
    assertThat(redis.commands().hexists(KEY, "f:rooms/42")).isFalse();
  }

  @Test
  void shouldLeaveASessionThatWasNotLost() {
    SessionClaim claim = claim().session();
    await(sessions.putFeeds(claim, List.of(at("rooms/42", 9))));
    await(sessions.release(claim, SessionProgress.NONE, HOUR_SECONDS));

    assertThat(rebuild(claim.epoch(), true, at("rooms/42", 7))).isFalse();
    assertThat(claim().feeds()).containsExactly(at("rooms/42", 9));
  }

  @Test
  void shouldNeverLowerCursor() {
    long epoch = claim().session().epoch();
    redis.commands().flushall();
    rebuild(epoch, true, at("rooms/42", 7), at("rooms/43", 7));

    // Rebuilt again, from records that have only one of the two subscriptions
    assertThat(rebuild(epoch, false, at("rooms/42", 5))).isTrue();
    assertThat(rebuild(epoch, false, at("rooms/43", 9))).isTrue();

    assertThat(claim().feeds()).containsExactlyInAnyOrder(at("rooms/42", 7), at("rooms/43", 9));
  }

  @Test
  void shouldReplaceOlderStateOfReplicaThatLagged() {
    // Given
    SessionClaim older = claim().session();
    await(sessions.putFeeds(older, List.of(at("rooms/42", 9), at("rooms/43", 9))));
    await(sessions.release(older, SessionProgress.NONE, HOUR_SECONDS));

    // When
    assertThat(rebuild(older.epoch() + 10, true, at("rooms/42", 7), at("rooms/44", 7))).isTrue();

    // Then
    assertThat(claim().feeds()).containsExactlyInAnyOrder(at("rooms/42", 9), at("rooms/44", 7));
  }

  @Test
  void shouldReturnWhatItWouldDoAndWriteNothing() {
    long epoch = claim().session().epoch();
    redis.commands().flushall();

    assertThat(await(cache.rebuild().wouldRebuild(session(epoch, true, at("rooms/42", 7)))))
        .isTrue();
    assertThat(redis.commands().dbsize()).isZero();

    claim();
    assertThat(await(cache.rebuild().wouldRebuild(session(epoch, true, at("rooms/42", 7)))))
        .isFalse();
  }

  private static boolean rebuild(long epoch, boolean complete, StoredFeed... subscriptions) {
    return await(cache.rebuild().rebuild(session(epoch, complete, subscriptions)));
  }

  private static RebuiltSession session(long epoch, boolean complete, StoredFeed... subscriptions) {
    return new RebuiltSession("phone", epoch, HOUR_SECONDS, 100, complete, List.of(subscriptions));
  }

  private static Claim claim() {
    Claim claim = await(sessions.claim(new ClaimRequest("phone", "c1", 3, false, HOUR_SECONDS)));
    if (!claim.sessionPresent()) {
      await(sessions.begin(claim.session(), HOUR_SECONDS));
    }
    return claim;
  }

  private static StoredFeed at(String address, long cursor) {
    return new StoredFeed(address, 1, cursor);
  }
}
