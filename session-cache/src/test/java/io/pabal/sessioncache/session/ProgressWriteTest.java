// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several sessions of one bucket in one script. */
class ProgressWriteTest {

  private static final int BUCKET = 7;
  private static final long HOUR_SECONDS = 3_600;
  private static final List<String> CLIENTS = clients(5);

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
  void shouldWriteEachSessionWithItsOwnResultWhenSomeAreFencedOrLost() {
    // Given one session that is fine, and others that are fenced, released, lost, and no hash
    List<SessionClaim> claims = CLIENTS.stream().map(ProgressWriteTest::claimed).toList();
    claim(CLIENTS.get(1));
    await(sessions.release(claims.get(2), SessionProgress.NONE, HOUR_SECONDS));
    String epoch = Long.toString(claims.get(3).epoch() - 1);
    redis.commands().hset(key(3), Map.of("fence", epoch + " 0", "epoch", epoch));
    redis.commands().del(key(4));
    redis.commands().set(key(4), "foreign");
    SessionClaim last = claimed(clients(6).getLast());

    // When
    List<SessionClaim> all = Stream.concat(claims.stream(), Stream.of(last)).toList();
    var results = await(sessions.write(all.stream().map(each -> checkpoint(each, 9)).toList()));

    // Then
    assertThat(results)
        .containsExactly(
            Optional.of(FenceResult.APPLIED),
            Optional.of(FenceResult.FENCED),
            Optional.of(FenceResult.FENCED),
            Optional.of(FenceResult.LOST),
            Optional.empty(),
            Optional.of(FenceResult.APPLIED));
    assertThat(cursor(CLIENTS.get(0))).isEqualTo("9\n1 ");
    assertThat(cursor(CLIENTS.get(1))).isEqualTo("7\n1 ");
    assertThat(cursor(CLIENTS.get(2))).isEqualTo("7\n1 ");
    assertThat(cursor(CLIENTS.get(3))).isEqualTo("7\n1 ");
    assertThat(redis.commands().get(key(4))).isEqualTo("foreign");
    assertThat(cursor(last.clientId())).isEqualTo("9\n1 ");
  }

  @Test
  void shouldReportALossForEachSessionOfABucketThatWasEmptied() {
    List<SessionClaim> claims = CLIENTS.stream().map(ProgressWriteTest::claimed).toList();
    redis.commands().flushall();
    SessionClaim later = claimed(clients(6).getLast());
    SessionClaim gone = claimed(clients(7).getLast());
    redis.commands().del(SessionKeys.session(gone.clientId()));

    List<ProgressWrite> writes = new ArrayList<>();
    claims.forEach(each -> writes.add(checkpoint(each, 9)));
    writes.add(checkpoint(later, 9));
    writes.add(checkpoint(gone, 9));
    var results = await(sessions.write(writes));

    assertThat(results.subList(0, 5)).containsOnly(Optional.of(FenceResult.LOST));
    assertThat(results.subList(5, 7))
        .containsExactly(Optional.of(FenceResult.APPLIED), Optional.of(FenceResult.LOST));
  }

  @Test
  void shouldWriteReleasesAndCheckpointsInOneScript() {
    SessionClaim kept = claimed(CLIENTS.get(0));
    SessionClaim deleted = claimed(CLIENTS.get(1));
    SessionClaim live = claimed(CLIENTS.get(2));
    List<StoredDelivery> inFlight = List.of(new StoredDelivery(3, "rooms/42", 12, false));
    var progress = new SessionProgress(List.of(new StoredCursor("rooms/42", 11)), inFlight);

    var results =
        await(
            sessions.write(
                List.of(
                    ProgressWrite.release(kept, progress, HOUR_SECONDS),
                    ProgressWrite.release(deleted, progress, 0),
                    ProgressWrite.checkpoint(live, progress))));

    assertThat(results).containsOnly(Optional.of(FenceResult.APPLIED));
    Claim next = claim(kept.clientId());
    assertThat(next.previousOwner()).isNull();
    assertThat(next.inFlight()).isEqualTo(inFlight);
    assertThat(next.feeds()).containsExactly(new StoredFeed("rooms/42", 1, 11));
    assertThat(redis.commands().exists(key(1))).isZero();
    assertThat(claim(live.clientId()).previousOwner()).isEqualTo(new Owner("c1", 3));
  }

  @Test
  void shouldNotChangeAReleasedSessionWhenItsCheckpointArrivesLate() {
    SessionClaim claim = claimed(CLIENTS.get(0));
    List<StoredDelivery> last = List.of(new StoredDelivery(4, "rooms/42", 13, false));
    await(sessions.release(claim, new SessionProgress(List.of(), last), HOUR_SECONDS));

    List<StoredDelivery> older = List.of(new StoredDelivery(3, "rooms/42", 12, false));
    var late = new SessionProgress(List.of(new StoredCursor("rooms/42", 11)), older);

    assertThat(await(sessions.checkpoint(claim, late))).isEqualTo(FenceResult.FENCED);
    assertThat(claim(claim.clientId()).inFlight()).isEqualTo(last);
  }

  @Test
  void shouldWriteMoreCursorsThanOneCommandTakes() {
    // Given
    SessionClaim claim = claim(CLIENTS.get(0)).session();
    await(sessions.begin(claim, HOUR_SECONDS));
    List<String> feeds = IntStream.range(0, 2_500).mapToObj(i -> "rooms/" + i).toList();
    for (int i = 0; i < feeds.size(); i += 100) {
      await(
          sessions.putFeeds(
              claim,
              feeds.subList(i, i + 100).stream().map(each -> new StoredFeed(each, 1, 7)).toList()));
    }
    SessionClaim other = claimed(CLIENTS.get(1));

    // When
    var cursors = feeds.stream().map(each -> new StoredCursor(each, 9)).toList();
    var results =
        await(
            sessions.write(
                List.of(
                    ProgressWrite.checkpoint(claim, new SessionProgress(cursors, List.of())),
                    checkpoint(other, 9))));

    // Then
    assertThat(results).containsOnly(Optional.of(FenceResult.APPLIED));
    assertThat(claim(CLIENTS.get(0)).feeds())
        .hasSize(2_500)
        .allSatisfy(each -> assertThat(each.cursor()).isEqualTo(9));
    assertThat(cursor(CLIENTS.get(1))).isEqualTo("9\n1 ");
  }

  @Test
  void shouldKeepTheDecimalsOfLongCursors() {
    SessionClaim claim = claimed(CLIENTS.get(0));
    long cursor = (1L << 53) - 1;

    await(sessions.checkpoint(claim, SessionProgress.of(new StoredCursor("rooms/42", cursor))));

    assertThat(claim(CLIENTS.get(0)).feeds())
        .containsExactly(new StoredFeed("rooms/42", 1, cursor));
  }

  @Test
  void shouldRefuseWritesOfTwoBuckets() {
    SessionClaim elsewhere = new SessionClaim("no member of bucket 7", 1);

    assertThatThrownBy(
            () ->
                sessions.write(
                    List.of(checkpoint(claimed(CLIENTS.get(0)), 9), checkpoint(elsewhere, 9))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bucket");
  }

  private static ProgressWrite checkpoint(SessionClaim claim, long cursor) {
    return ProgressWrite.checkpoint(
        claim, SessionProgress.of(new StoredCursor("rooms/42", cursor)));
  }

  private static SessionClaim claimed(String clientId) {
    SessionClaim claim = claim(clientId).session();
    await(sessions.begin(claim, HOUR_SECONDS));
    await(sessions.putFeeds(claim, List.of(new StoredFeed("rooms/42", 1, 7))));
    return claim;
  }

  private static Claim claim(String clientId) {
    return await(sessions.claim(new ClaimRequest(clientId, "c1", 3, false, HOUR_SECONDS)));
  }

  private static String cursor(String clientId) {
    return redis.commands().hget(SessionKeys.session(clientId), "f:rooms/42");
  }

  private static String key(int client) {
    return SessionKeys.session(CLIENTS.get(client));
  }

  private static List<String> clients(int count) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "client-" + i)
        .filter(each -> SessionKeys.bucket(each) == BUCKET)
        .limit(count)
        .toList();
  }
}
