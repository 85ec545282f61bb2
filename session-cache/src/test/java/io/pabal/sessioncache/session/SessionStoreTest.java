// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionStoreTest {

  private static final String KEY = "pabal:session:{phone}";
  private static final long HOUR_SECONDS = 3_600;
  private static final long DAY_SECONDS = 24 * HOUR_SECONDS;

  private static RedisFixture redis;
  private static SessionCache cache;
  private static SessionStore sessions;

  @BeforeAll
  static void start(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()));
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

  // Claims

  @Test
  void shouldFindNothingWhenSessionIsNew() {
    Claim claim = claim("c1", false, HOUR_SECONDS);

    assertThat(claim.sessionPresent()).isFalse();
    assertThat(claim.previousOwner()).isNull();
    assertThat(claim.subscriptions()).isEmpty();
  }

  @Test
  void shouldFindSubscriptionsAndCursorsOfReleasedSession() {
    // Given
    SessionClaim first = claim("c1", false, HOUR_SECONDS).session();
    await(sessions.subscribe(first, List.of(at("rooms/42", 7), at("users/밥 }{", -1))));
    await(sessions.release(first, List.of(new StoredCursor("rooms/42", 9)), HOUR_SECONDS));

    // When
    Claim claim = claim("c2", false, HOUR_SECONDS);

    // Then
    assertThat(claim.sessionPresent()).isTrue();
    assertThat(claim.previousOwner()).isNull();
    assertThat(claim.subscriptions())
        .containsExactlyInAnyOrder(at("rooms/42", 9), at("users/밥 }{", -1));
  }

  @Test
  void shouldNamePreviousOwnerThatHasNotReleased() {
    claim("c1", false, HOUR_SECONDS);

    assertThat(claim("c2", true, 0).previousOwner()).isEqualTo(new Owner("c1", 3));
    assertThat(claim("c3", false, 0).previousOwner()).isEqualTo(new Owner("c2", 3));
  }

  @Test
  void shouldDropSubscriptionsOnCleanStart() {
    // Given
    SessionClaim first = claim("c1", false, HOUR_SECONDS).session();
    await(sessions.subscribe(first, List.of(at("rooms/42", 7))));

    // When
    Claim clean = claim("c1", true, HOUR_SECONDS);
    Claim next = claim("c1", false, HOUR_SECONDS);

    // Then
    assertThat(clean.sessionPresent()).isFalse();
    assertThat(clean.subscriptions()).isEmpty();
    assertThat(next.sessionPresent()).isTrue();
    assertThat(next.subscriptions()).isEmpty();
  }

  @Test
  void shouldNotFindSessionThatEndedWithItsConnection() {
    // Given
    SessionClaim first = claim("c1", false, 0).session();
    await(sessions.subscribe(first, List.of(at("rooms/42", 7))));

    // Then
    assertThat(redis.commands().hexists(KEY, "s:rooms/42")).isFalse();

    // When
    Claim next = claim("c2", false, HOUR_SECONDS);

    // Then
    assertThat(next.sessionPresent()).isFalse();
    assertThat(next.previousOwner()).isEqualTo(new Owner("c1", 3));
  }

  @Test
  void shouldHandOverSubscriptionsButKeepNoneWhenSessionWillEndWithItsConnection() {
    // Given
    SessionClaim first = claim("c1", false, HOUR_SECONDS).session();
    await(sessions.subscribe(first, List.of(at("rooms/42", 7))));

    // When
    Claim claim = claim("c1", false, 0);

    // Then
    assertThat(claim.subscriptions()).containsExactly(at("rooms/42", 7));
    assertThat(redis.commands().hexists(KEY, "s:rooms/42")).isFalse();
  }

  @Test
  void shouldClaimAfterRedisForgotTheScripts() {
    claim("c1", false, HOUR_SECONDS);

    redis.commands().scriptFlush();

    assertThat(claim("c1", false, HOUR_SECONDS).sessionPresent()).isTrue();
  }

  // Epochs

  @Test
  void shouldNeverRepeatEpochAfterRedisWasFlushed() {
    long before = claim("c1", false, HOUR_SECONDS).session().epoch();

    redis.commands().flushall();

    assertThat(claim("c1", false, HOUR_SECONDS).session().epoch()).isGreaterThan(before);
  }

  @Test
  void shouldNeverRepeatEpochAfterSessionWasDeleted() {
    SessionClaim first = claim("c1", false, 0).session();
    await(sessions.release(first, List.of(), 0));

    assertThat(claim("c1", false, 0).session().epoch()).isGreaterThan(first.epoch());
  }

  @Test
  void shouldRaiseEpochWhenClockOfRedisIsBehind() {
    redis.commands().hset(KEY, "epoch", "9000000000000000");

    assertThat(claim("c1", false, HOUR_SECONDS).session().epoch())
        .isEqualTo(9_000_000_000_000_001L);
  }

  // Fencing

  @Test
  void shouldRefuseSubscriptionOfStaleEpoch() {
    SessionClaim stale = claim("c1", false, HOUR_SECONDS).session();
    claim("c2", false, HOUR_SECONDS);

    assertThat(await(sessions.subscribe(stale, List.of(at("rooms/42", 7)))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c2", false, HOUR_SECONDS).subscriptions()).isEmpty();
  }

  @Test
  void shouldRefuseUnsubscriptionOfStaleEpoch() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    claim("c2", false, HOUR_SECONDS);

    assertThat(await(sessions.unsubscribe(stale, List.of("rooms/42"))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c2", false, HOUR_SECONDS).subscriptions()).containsExactly(at("rooms/42", 7));
  }

  @Test
  void shouldRefuseCursorOfStaleEpoch() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    claim("c2", false, HOUR_SECONDS);

    assertThat(await(sessions.checkpoint(stale, List.of(new StoredCursor("rooms/42", 99)))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c2", false, HOUR_SECONDS).subscriptions()).containsExactly(at("rooms/42", 7));
  }

  @Test
  void shouldRefuseReleaseOfStaleEpoch() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    claim("c2", false, HOUR_SECONDS);

    assertThat(await(sessions.release(stale, List.of(), 0))).isEqualTo(FenceResult.FENCED);
    assertThat(claim("c3", false, HOUR_SECONDS).previousOwner()).isEqualTo(new Owner("c2", 3));
  }

  @Test
  void shouldRefuseEveryWriteWhenSessionIsGone() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    redis.commands().flushall();

    assertThat(await(sessions.subscribe(stale, List.of(at("a", 1))))).isEqualTo(FenceResult.FENCED);
    assertThat(await(sessions.touch(stale))).isEqualTo(FenceResult.FENCED);
    assertThat(await(sessions.release(stale, List.of(), HOUR_SECONDS)))
        .isEqualTo(FenceResult.FENCED);
    assertThat(redis.commands().exists(KEY)).isZero();
  }

  @Test
  void shouldRefuseCursorAfterRelease() {
    SessionClaim released = claimWith(at("rooms/42", 7));
    await(sessions.release(released, List.of(), HOUR_SECONDS));

    assertThat(await(sessions.checkpoint(released, List.of(new StoredCursor("rooms/42", 99)))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(redis.commands().ttl(KEY)).isLessThanOrEqualTo(HOUR_SECONDS);
  }

  // Subscriptions and cursors

  @Test
  void shouldReplaceSubscriptionAndRemoveIt() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.subscribe(claim, List.of(new StoredSubscription("rooms/42", 0, 8))));
    assertThat(redis.commands().hget(KEY, "s:rooms/42")).isEqualTo("0 8");

    await(sessions.unsubscribe(claim, List.of("rooms/42", "never/subscribed")));
    assertThat(claim("c1", false, HOUR_SECONDS).subscriptions()).isEmpty();
  }

  @Test
  void shouldNeverLowerCursor() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.checkpoint(claim, List.of(new StoredCursor("rooms/42", 10))));
    await(sessions.checkpoint(claim, List.of(new StoredCursor("rooms/42", 9))));
    await(sessions.release(claim, List.of(new StoredCursor("rooms/42", 8)), HOUR_SECONDS));

    assertThat(claim("c1", false, HOUR_SECONDS).subscriptions())
        .containsExactly(at("rooms/42", 10));
  }

  @Test
  void shouldNotCreateCursorForAddressThatIsNotSubscribed() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    await(sessions.unsubscribe(claim, List.of("rooms/42")));

    assertThat(await(sessions.checkpoint(claim, List.of(new StoredCursor("rooms/42", 10)))))
        .isEqualTo(FenceResult.APPLIED);

    assertThat(claim("c1", false, HOUR_SECONDS).subscriptions()).isEmpty();
  }

  // Expiry

  @Test
  void shouldOutliveItsExpiryByADayWhileClaimed() {
    claim("c1", false, HOUR_SECONDS);

    assertThat(redis.commands().ttl(KEY)).isBetween(DAY_SECONDS, DAY_SECONDS + HOUR_SECONDS);
  }

  @Test
  void shouldNotLiveForEverWhenConnectorCrashedWithoutRelease() {
    claim("c1", false, 0);

    assertThat(redis.commands().ttl(KEY)).isBetween(1L, DAY_SECONDS);
  }

  @Test
  void shouldRenewExpiryOnCheckpointAndTouch() {
    SessionClaim claim = claim("c1", false, HOUR_SECONDS).session();

    redis.commands().expire(KEY, 10);
    await(sessions.checkpoint(claim, List.of()));
    assertThat(redis.commands().ttl(KEY)).isGreaterThan(DAY_SECONDS);

    redis.commands().expire(KEY, 10);
    assertThat(await(sessions.touch(claim))).isEqualTo(FenceResult.APPLIED);
    assertThat(redis.commands().ttl(KEY)).isGreaterThan(DAY_SECONDS);
  }

  @Test
  void shouldKeepSessionForEverWhenItNeverExpires() {
    SessionClaim claim = claim("c1", false, SessionStore.EXPIRY_NEVER).session();
    assertThat(redis.commands().ttl(KEY)).isEqualTo(-1);

    await(sessions.touch(claim));
    assertThat(redis.commands().ttl(KEY)).isEqualTo(-1);

    await(sessions.release(claim, List.of(), SessionStore.EXPIRY_NEVER));
    assertThat(redis.commands().ttl(KEY)).isEqualTo(-1);
  }

  @Test
  void shouldForgetSessionWhenItsExpiryHasPassed() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.release(claim, List.of(), 1));

    Awaitility.await().until(() -> redis.commands().exists(KEY) == 0);
    Claim next = claim("c1", false, HOUR_SECONDS);
    assertThat(next.sessionPresent()).isFalse();
    assertThat(next.session().epoch()).isGreaterThan(claim.epoch());
  }

  @Test
  void shouldDeleteSessionReleasedWithExpiryZero() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.release(claim, List.of(), 0));

    assertThat(redis.commands().exists(KEY)).isZero();
  }

  @Test
  void shouldRefuseExpiryBeyondMqttBounds() {
    assertThatThrownBy(() -> new ClaimRequest("phone", "c1", 1, false, -1))
        .hasMessageContaining("expirySeconds: -1 (expected: 0-4294967295)");
  }

  private static SessionClaim claimWith(StoredSubscription subscription) {
    SessionClaim claim = claim("c1", false, HOUR_SECONDS).session();
    await(sessions.subscribe(claim, List.of(subscription)));
    return claim;
  }

  private static Claim claim(String connectorId, boolean cleanStart, long expirySeconds) {
    return await(
        sessions.claim(new ClaimRequest("phone", connectorId, 3, cleanStart, expirySeconds)));
  }

  private static StoredSubscription at(String address, long cursor) {
    return new StoredSubscription(address, 1, cursor);
  }
}
