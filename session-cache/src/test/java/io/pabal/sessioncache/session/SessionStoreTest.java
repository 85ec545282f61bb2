// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RestoreArgs;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionStoreTest {

  private static final String KEY = SessionKeys.session("phone");
  private static final long HOUR_SECONDS = 3_600;
  private static final long DAY_SECONDS = 24 * HOUR_SECONDS;

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

  // Claims

  @Test
  void shouldFindNothingWhenSessionIsNew() {
    Claim claim = claim("c1", false, HOUR_SECONDS);

    assertThat(claim.sessionPresent()).isFalse();
    assertThat(claim.previousOwner()).isNull();
    assertThat(claim.feeds()).isEmpty();
  }

  @Test
  void shouldFindSubscriptionsAndCursorsOfReleasedSession() {
    // Given
    SessionClaim first = claim("c1", false, HOUR_SECONDS).session();
    await(sessions.putFeeds(first, List.of(at("rooms/42", 7), at("users/밥 }{", -1))));
    await(
        sessions.release(first, SessionProgress.of(new StoredCursor("rooms/42", 9)), HOUR_SECONDS));

    // When
    Claim claim = claim("c2", false, HOUR_SECONDS);

    // Then
    assertThat(claim.sessionPresent()).isTrue();
    assertThat(claim.previousOwner()).isNull();
    assertThat(claim.feeds()).containsExactlyInAnyOrder(at("rooms/42", 9), at("users/밥 }{", -1));
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
    await(sessions.putFeeds(first, List.of(at("rooms/42", 7))));

    // When
    Claim clean = claim("c1", true, HOUR_SECONDS);
    Claim next = claim("c1", false, HOUR_SECONDS);

    // Then
    assertThat(clean.sessionPresent()).isFalse();
    assertThat(clean.feeds()).isEmpty();
    assertThat(next.sessionPresent()).isTrue();
    assertThat(next.feeds()).isEmpty();
  }

  @Test
  void shouldNotFindSessionThatEndedWithItsConnection() {
    // Given
    SessionClaim first = claim("c1", false, 0).session();
    await(sessions.putFeeds(first, List.of(at("rooms/42", 7))));

    // Then
    assertThat(redis.commands().hexists(KEY, "f:rooms/42")).isFalse();

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
    await(sessions.putFeeds(first, List.of(at("rooms/42", 7))));

    // When
    Claim claim = claim("c1", false, 0);

    // Then
    assertThat(claim.feeds()).containsExactly(at("rooms/42", 7));
    assertThat(redis.commands().hexists(KEY, "f:rooms/42")).isFalse();
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
    await(sessions.release(first, SessionProgress.NONE, 0));

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

    assertThat(await(sessions.putFeeds(stale, List.of(at("rooms/42", 7)))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c2", false, HOUR_SECONDS).feeds()).isEmpty();
  }

  @Test
  void shouldRefuseUnsubscriptionOfStaleEpoch() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    claim("c2", false, HOUR_SECONDS);

    assertThat(await(sessions.putFeeds(stale, List.of(), List.of("rooms/42"))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c2", false, HOUR_SECONDS).feeds()).containsExactly(at("rooms/42", 7));
  }

  @Test
  void shouldRefuseCursorOfStaleEpoch() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    claim("c2", false, HOUR_SECONDS);

    assertThat(
            await(sessions.checkpoint(stale, SessionProgress.of(new StoredCursor("rooms/42", 99)))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c2", false, HOUR_SECONDS).feeds()).containsExactly(at("rooms/42", 7));
  }

  @Test
  void shouldRefuseReleaseOfStaleEpoch() {
    SessionClaim stale = claimWith(at("rooms/42", 7));
    claim("c2", false, HOUR_SECONDS);

    assertThat(await(sessions.release(stale, SessionProgress.NONE, 0)))
        .isEqualTo(FenceResult.FENCED);
    assertThat(claim("c3", false, HOUR_SECONDS).previousOwner()).isEqualTo(new Owner("c2", 3));
  }

  @Test
  void shouldWriteNothingWhenSessionIsGone() {
    SessionClaim lost = claimWith(at("rooms/42", 7));
    redis.commands().del(KEY);

    assertThat(await(sessions.putFeeds(lost, List.of(at("a", 1))))).isEqualTo(FenceResult.LOST);
    assertThat(await(sessions.touch(lost))).isEqualTo(FenceResult.LOST);
    assertThat(await(sessions.release(lost, SessionProgress.NONE, HOUR_SECONDS)))
        .isEqualTo(FenceResult.LOST);
    assertThat(redis.commands().exists(KEY)).isZero();
  }

  /** Only to the owner that was superseded, the deleted session would seem to be lost. */
  @Test
  void shouldLeaveATraceOnlyOfASessionThatHadAnotherOwner() {
    await(sessions.release(claim("c1", false, 0).session(), SessionProgress.NONE, 0));
    assertThat(redis.commands().exists(KEY)).isZero();

    claim("c1", false, 0);
    SessionClaim superseded = claim("c2", false, HOUR_SECONDS).session();
    SessionClaim last = claim("c3", true, 0).session();
    await(sessions.release(last, SessionProgress.NONE, 0));
    assertThat(redis.commands().ttl(KEY)).isBetween(1L, DAY_SECONDS);

    assertThat(await(sessions.touch(superseded))).isEqualTo(FenceResult.FENCED);
    assertThat(restore(superseded, List.of())).isEmpty();
    Claim next = claimOnly("c4", false, HOUR_SECONDS);
    assertThat(next.sessionPresent()).isFalse();
    assertThat(next.previousOwner()).isNull();
  }

  // Owners

  @Test
  void shouldLeaveAnOwnedSessionToItsOwner() {
    SessionClaim held = claimWith(at("rooms/42", 7));
    var request = new ClaimRequest("phone", "c2", 1, false, HOUR_SECONDS);

    assertThat(await(sessions.claimUnlessOwned(request)))
        .isEqualTo(new ClaimReply.Owned(new Owner("c1", 3), held.epoch()));
    assertThat(await(sessions.touch(held))).isEqualTo(FenceResult.APPLIED);
    await(sessions.release(held, SessionProgress.NONE, HOUR_SECONDS));

    assertThat(await(sessions.claimUnlessOwned(request)))
        .isInstanceOfSatisfying(
            Claim.class,
            claim -> {
              assertThat(claim.sessionPresent()).isTrue();
              assertThat(claim.previousOwner()).isNull();
            });
  }

  @Test
  void shouldClaimASessionOfAnEarlierIncarnationAtOnce() {
    claimWith(at("rooms/42", 7));

    assertThat(
            await(
                sessions.claimUnlessOwned(new ClaimRequest("phone", "c1", 4, false, HOUR_SECONDS))))
        .isInstanceOf(Claim.class);
  }

  @Test
  void shouldRefuseCursorAfterRelease() {
    SessionClaim released = claimWith(at("rooms/42", 7));
    await(sessions.release(released, SessionProgress.NONE, HOUR_SECONDS));

    assertThat(
            await(
                sessions.checkpoint(
                    released, SessionProgress.of(new StoredCursor("rooms/42", 99)))))
        .isEqualTo(FenceResult.FENCED);
    assertThat(redis.commands().ttl(KEY)).isLessThanOrEqualTo(HOUR_SECONDS);
  }

  // Subscriptions and cursors

  @Test
  void shouldReplaceSubscriptionAndRemoveIt() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.putFeeds(claim, List.of(new StoredFeed("rooms/42", 0, 8))));
    assertThat(redis.commands().hget(KEY, "f:rooms/42")).isEqualTo("8\n0 ");

    await(sessions.putFeeds(claim, List.of(), List.of("rooms/42", "never/subscribed")));
    assertThat(claim("c1", false, HOUR_SECONDS).feeds()).isEmpty();
  }

  @Test
  void shouldKeepTheCursorWhenSubscriptionsOfItsFeedChange() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", 10))));

    // When a subscription is added that was requested before the checkpoint
    var both =
        List.of(
            new StoredSubscription("rooms/42", 1), new StoredSubscription("rooms/42/typing", 0, 9));
    await(sessions.putFeeds(claim, List.of(new StoredFeed("rooms/42", 8, null, both))));

    // Then
    assertThat(claim("c1", false, HOUR_SECONDS).feeds())
        .containsExactly(new StoredFeed("rooms/42", 10, null, both));
  }

  @Test
  void shouldNeverLowerCursor() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", 10))));
    await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", 9))));
    await(
        sessions.release(claim, SessionProgress.of(new StoredCursor("rooms/42", 8)), HOUR_SECONDS));

    assertThat(claim("c1", false, HOUR_SECONDS).feeds()).containsExactly(at("rooms/42", 10));
  }

  @Test
  void shouldNotCreateCursorForAddressThatIsNotSubscribed() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    await(sessions.putFeeds(claim, List.of(), List.of("rooms/42")));

    assertThat(
            await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", 10)))))
        .isEqualTo(FenceResult.APPLIED);

    assertThat(claim("c1", false, HOUR_SECONDS).feeds()).isEmpty();
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
  void shouldRenewExpiryOnTouch() {
    SessionClaim claim = claim("c1", false, HOUR_SECONDS).session();

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

    await(sessions.release(claim, SessionProgress.NONE, SessionStore.EXPIRY_NEVER));
    assertThat(redis.commands().ttl(KEY)).isEqualTo(-1);
  }

  @Test
  void shouldForgetSessionWhenItsExpiryHasPassed() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.release(claim, SessionProgress.NONE, 1));

    Awaitility.await().until(() -> redis.commands().exists(KEY) == 0);
    Claim next = claim("c1", false, HOUR_SECONDS);
    assertThat(next.sessionPresent()).isFalse();
    assertThat(next.session().epoch()).isGreaterThan(claim.epoch());
  }

  @Test
  void shouldDeleteSessionReleasedWithExpiryZero() {
    SessionClaim claim = claimWith(at("rooms/42", 7));

    await(sessions.release(claim, SessionProgress.NONE, 0));

    assertThat(redis.commands().exists(KEY)).isZero();
  }

  @Test
  void shouldRefuseExpiryBeyondMqttBounds() {
    assertThatThrownBy(() -> new ClaimRequest("phone", "c1", 1, false, -1))
        .hasMessageContaining("expirySeconds: -1 (expected: 0-4294967295)");
  }

  // Claims of clients that are gone

  @Test
  void shouldNotFindASessionThatNeverBegan() {
    claimOnly("c1", false, HOUR_SECONDS);

    assertThat(claimOnly("c2", false, HOUR_SECONDS).sessionPresent()).isFalse();
  }

  @Test
  void shouldKeepTheStoredSessionWhenACleanStartNeverBegan() {
    SessionClaim first = claimWith(at("rooms/42", 7));
    await(sessions.release(first, SessionProgress.NONE, HOUR_SECONDS));
    Claim gone = claimOnly("c1", true, HOUR_SECONDS);
    assertThat(gone.sessionPresent()).isFalse();
    assertThat(gone.feeds()).isEmpty();
    await(sessions.abandon(gone.session()));
    assertThat(redis.commands().ttl(KEY)).isBetween(1L, HOUR_SECONDS);

    Claim next = claimOnly("c2", false, HOUR_SECONDS);
    assertThat(next.sessionPresent()).isTrue();
    assertThat(next.feeds()).containsExactly(at("rooms/42", 7));
  }

  @Test
  void shouldRemoveAnAbandonedClaimThatFoundNoSession() {
    await(sessions.abandon(claimOnly("c1", false, HOUR_SECONDS).session()));
    assertThat(redis.commands().exists(KEY)).isZero();

    await(sessions.abandon(claimOnly("c1", false, 0).session()));
    assertThat(redis.commands().exists(KEY)).isZero();
  }

  @Test
  void shouldBeginWithItsClaimOnlyASessionThatNoLaterClaimFinds() {
    assertThat(claimOnly("c1", false, HOUR_SECONDS).begun()).isFalse();
    assertThat(claimOnly("c1", true, 0).begun()).isTrue();
    assertThat(claimOnly("c1", false, HOUR_SECONDS).begun()).isFalse();
  }

  @Test
  void shouldKeepTheStoredSessionWhenOneWithoutExpiryNeverBegan() {
    // Given
    SessionClaim first = claimWith(at("rooms/42", 7));
    await(sessions.release(first, SessionProgress.NONE, HOUR_SECONDS));

    // When
    Claim gone = claimOnly("c1", true, 0);
    await(sessions.abandon(gone.session()));

    // Then
    assertThat(gone.begun()).isFalse();
    assertThat(claimOnly("c2", false, 0).feeds()).containsExactly(at("rooms/42", 7));
  }

  @Test
  void shouldRemoveAnEarlierClaimFromASessionThatBeginsWithItsClaim() {
    // Given
    redis.commands().hset(KEY, Map.of("epoch", "1", "expiry", "0", "f:rooms/42", "7\n1 "));

    // When
    Claim claim = claimOnly("c1", false, 0);

    // Then
    assertThat(claim.begun()).isTrue();
    assertThat(redis.commands().hkeys(KEY))
        .containsExactlyInAnyOrder("fence", "epoch", "owner", "incarnation", "expiry", "claim");
    assertThat(redis.commands().ttl(KEY)).isBetween(1L, DAY_SECONDS);
  }

  // In flight

  @Test
  void shouldFindDeliveriesInFlight() {
    List<StoredDelivery> inFlight =
        List.of(
            new StoredDelivery(65_535, "rooms/42", 0, true),
            new StoredDelivery(1, "users/밥", Long.MAX_VALUE, false),
            new StoredDelivery(2, "rooms/42", 7, false));
    SessionClaim claim = claimWith(at("rooms/42", 7));
    await(sessions.checkpoint(claim, new SessionProgress(List.of(), inFlight)));

    assertThat(claim("c2", false, HOUR_SECONDS).inFlight()).isEqualTo(inFlight);
    assertThat(claim("c2", true, HOUR_SECONDS).inFlight()).isEmpty();
  }

  @Test
  void shouldForgetDeliveriesThatAreNoLongerInFlight() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    await(
        sessions.checkpoint(
            claim,
            new SessionProgress(List.of(), List.of(new StoredDelivery(1, "rooms/42", 8, false)))));
    await(
        sessions.release(claim, SessionProgress.of(new StoredCursor("rooms/42", 8)), HOUR_SECONDS));

    assertThat(claim("c2", false, HOUR_SECONDS).inFlight()).isEmpty();
    assertThat(redis.commands().hexists(KEY, "inflight")).isFalse();
  }

  // Gaps

  @Test
  void shouldKeepAGapUntilASubscriptionWithoutItIsWritten() {
    StoredFeed withGap = new StoredFeed("rooms/42", 1, 7).withGap(new StoredGap(3, 6));
    SessionClaim claim = claimWith(withGap);
    await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", 9))));

    Claim next = claim("c2", false, HOUR_SECONDS);
    assertThat(next.feeds())
        .containsExactly(new StoredFeed("rooms/42", 1, 9).withGap(new StoredGap(3, 6)));

    await(sessions.putFeeds(next.session(), List.of(at("rooms/42", 9))));
    assertThat(claim("c3", false, HOUR_SECONDS).feeds()).containsExactly(at("rooms/42", 9));
  }

  // Data that Redis lost

  @Test
  void shouldSayThatAClaimIsLostWhenRedisWasEmptied() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    redis.commands().flushall();

    assertThat(await(sessions.touch(claim))).isEqualTo(FenceResult.LOST);
    await(sessions.claim(new ClaimRequest("somebody else", "c1", 3, false, 0)));
    assertThat(await(sessions.touch(claim))).isEqualTo(FenceResult.LOST);
  }

  @Test
  void shouldSayThatAClaimIsLostWhenItsCheckpointFindsConfirmedWritesMissing() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    SessionProgress progress = SessionProgress.of(new StoredCursor("rooms/42", 9));
    redis.commands().hset(KEY, "fence", claim.epoch() + " 4");

    assertThat(await(sessions.checkpoint(claim.forWrite(5, 6), progress)))
        .isEqualTo(FenceResult.LOST);
    assertThat(await(sessions.checkpoint(claim.forWrite(3, 5), progress)))
        .isEqualTo(FenceResult.APPLIED);
    // A write that another connection sent earlier and Redis got later
    assertThat(await(sessions.checkpoint(claim.forWrite(2, 3), progress)))
        .isEqualTo(FenceResult.APPLIED);
    assertThat(redis.commands().hget(KEY, "fence")).isEqualTo(claim.epoch() + " 5");
  }

  @Test
  void shouldSayThatAClaimIsLostWhenAnOlderOneIsStored() {
    SessionClaim claim = claimWith(at("rooms/42", 7));
    String epoch = Long.toString(claim.epoch() - 1);
    redis.commands().hset(KEY, Map.of("fence", epoch + " 0", "epoch", epoch));

    assertThat(
            await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", 9)))))
        .isEqualTo(FenceResult.LOST);
    assertThat(redis.commands().hget(KEY, "f:rooms/42")).isEqualTo("7\n1 ");
  }

  /** As when Redis goes back to a snapshot, or a lagging replica takes over. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldSayThatAConfirmedWriteIsLost(int writesInSnapshot) {
    Claim granted = claimOnly("c1", false, HOUR_SECONDS);
    SessionClaim claim = granted.session();
    byte[] claimed = redis.commands().dump(KEY);
    await(sessions.begin(claim.forWrite(0, 1), HOUR_SECONDS));
    byte[] snapshot = writesInSnapshot == 0 ? claimed : redis.commands().dump(KEY);
    assertThat(await(sessions.putFeeds(claim.forWrite(1, 2), List.of(at("rooms/42", 7)))))
        .isEqualTo(FenceResult.APPLIED);

    goBackTo(snapshot);

    assertThat(await(sessions.touch(claim.forWrite(2, 3)))).isEqualTo(FenceResult.LOST);
    SessionClaim restored = restore(claim, List.of()).orElseThrow().session();
    assertThat(restored.epoch()).isGreaterThan(claim.epoch());
    assertThat(await(sessions.touch(restored.forWrite(0, 1)))).isEqualTo(FenceResult.APPLIED);
    assertThat(claim("c2", false, HOUR_SECONDS).feeds()).containsExactly(at("rooms/42", 7));
  }

  /** Nobody relies on a write without a reply: the writer makes it again. */
  @Test
  void shouldNotMissAWriteThatWasNotConfirmed() {
    SessionClaim claim = claimOnly("c1", false, HOUR_SECONDS).session();
    await(sessions.begin(claim.forWrite(0, 1), HOUR_SECONDS));
    byte[] snapshot = redis.commands().dump(KEY);
    await(sessions.putFeeds(claim.forWrite(1, 2), List.of(at("rooms/42", 7))));

    goBackTo(snapshot);

    assertThat(await(sessions.putFeeds(claim.forWrite(1, 3), List.of(at("rooms/42", 7)))))
        .isEqualTo(FenceResult.APPLIED);
    assertThat(await(sessions.touch(claim.forWrite(3, 4)))).isEqualTo(FenceResult.APPLIED);
  }

  private static void goBackTo(byte[] snapshot) {
    redis.commands().restore(KEY, snapshot, RestoreArgs.Builder.ttl(0).replace());
  }

  @Test
  void shouldFenceRatherThanReportLossWhenTheNextOwnerDeletedTheSession() {
    SessionClaim frozen = claimWith(at("rooms/42", 7));
    await(sessions.release(claim("c2", false, HOUR_SECONDS).session(), SessionProgress.NONE, 0));

    assertThat(await(sessions.touch(frozen))).isEqualTo(FenceResult.FENCED);
  }

  @Test
  void shouldRestoreAllOfALostSession() {
    SessionClaim lost = claimWith(at("rooms/42", 7));
    redis.commands().flushall();
    List<StoredDelivery> inFlight = List.of(new StoredDelivery(5, "rooms/42", 8, false));

    SessionClaim restored = restore(lost, inFlight).orElseThrow().session();

    assertThat(restored.epoch()).isGreaterThan(lost.epoch());
    assertThat(redis.commands().ttl(KEY)).isGreaterThan(DAY_SECONDS);
    assertThat(await(sessions.touch(restored))).isEqualTo(FenceResult.APPLIED);
    assertThat(await(sessions.touch(lost))).isEqualTo(FenceResult.FENCED);
    Claim claim = claim("c2", false, HOUR_SECONDS);
    assertThat(claim.sessionPresent()).isTrue();
    assertThat(claim.previousOwner()).isEqualTo(new Owner("c1", 3));
    assertThat(claim.feeds()).containsExactly(at("rooms/42", 7));
    assertThat(claim.inFlight()).isEqualTo(inFlight);
  }

  @Test
  void shouldNotRestoreASessionThatWasClaimedSince() {
    SessionClaim lost = claimWith(at("rooms/42", 7));
    redis.commands().flushall();
    SessionClaim newer = claim("c2", false, HOUR_SECONDS).session();

    assertThat(await(sessions.touch(lost))).isEqualTo(FenceResult.FENCED);
    assertThat(restore(lost, List.of())).isEmpty();
    assertThat(await(sessions.touch(newer))).isEqualTo(FenceResult.APPLIED);
  }

  @Test
  void shouldChangeTheGenerationOfABucketOnlyWhenItsDataWereLost() {
    int bucket = SessionKeys.bucket("phone");
    Claim first = claim("c1", false, HOUR_SECONDS);
    assertThat(generation(bucket)).isEqualTo(first.generation()).isPositive();
    assertThat(claim("c1", false, HOUR_SECONDS).generation()).isEqualTo(first.generation());
    assertThat(generation((bucket + 1) % SessionKeys.BUCKETS))
        .isEqualTo(SessionStore.NO_GENERATION);

    redis.commands().flushall();

    assertThat(generation(bucket)).isEqualTo(SessionStore.NO_GENERATION);
    RestoredClaim restored =
        await(sessions.restore(first.session(), new Owner("c1", 1), 0, List.of(), List.of()))
            .orElseThrow();
    assertThat(restored.generation()).isGreaterThan(first.generation());
    assertThat(generation(bucket)).isEqualTo(restored.generation());
  }

  private static long generation(int bucket) {
    return await(sessions.generations(new int[] {bucket}))[0];
  }

  private static Optional<RestoredClaim> restore(SessionClaim lost, List<StoredDelivery> inFlight) {
    return await(
        sessions.restore(
            lost, new Owner("c1", 3), HOUR_SECONDS, List.of(at("rooms/42", 7)), inFlight));
  }

  private static SessionClaim claimWith(StoredFeed subscription) {
    SessionClaim claim = claim("c1", false, HOUR_SECONDS).session();
    await(sessions.putFeeds(claim, List.of(subscription)));
    return claim;
  }

  /** As a connector claims whose client is there. */
  private static Claim claim(String connectorId, boolean cleanStart, long expirySeconds) {
    Claim claim = claimOnly(connectorId, cleanStart, expirySeconds);
    if (!claim.begun()) {
      assertThat(await(sessions.begin(claim.session(), expirySeconds)))
          .isEqualTo(FenceResult.APPLIED);
    }
    return claim;
  }

  private static Claim claimOnly(String connectorId, boolean cleanStart, long expirySeconds) {
    return await(
        sessions.claim(new ClaimRequest("phone", connectorId, 3, cleanStart, expirySeconds)));
  }

  private static StoredFeed at(String address, long cursor) {
    return new StoredFeed(address, 1, cursor);
  }
}
