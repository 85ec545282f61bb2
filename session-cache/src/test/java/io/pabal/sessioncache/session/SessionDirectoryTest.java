// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.RedisUnavailableException;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operators' view of stored sessions. */
class SessionDirectoryTest {

  private static RedisFixture redis;
  private static SessionCache cache;
  private static SessionDirectory directory;

  @BeforeAll
  static void start(@TempDir Path data) {
    redis = new RedisFixture(data);
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), 12);
    directory = SessionDirectory.connect(SessionCacheConfig.of(redis.uri()));
  }

  @AfterAll
  static void stop() {
    directory.close();
    cache.close();
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.commands().flushall();
  }

  @Test
  void shouldNotTakeThePartOfAnIdentifierForItsBeginning() {
    await(cache.sessions().claim(new ClaimRequest("a}:s:begins-b", "c1", 1, false, 60)));
    var stored = new ArrayList<String>();

    directory.walk("begins-", session -> stored.add(session.clientId()));

    assertThat(stored).isEmpty();
  }

  @Test
  void shouldShowALiveSessionAsItIsStored() {
    SessionClaim claim = begin("phone", 3_600);
    await(
        cache
            .sessions()
            .putFeeds(
                claim,
                List.of(new StoredFeed("users/bob", 1, 41), new StoredFeed("rooms/1", 0, -1))));
    var delivery = new StoredDelivery(7, "users/bob", 42, false);
    await(cache.sessions().checkpoint(claim, new SessionProgress(List.of(), List.of(delivery))));

    StoredSession found = directory.find("phone").orElseThrow();

    assertThat(found.owner()).isEqualTo(new Owner("c1", 5));
    assertThat(found.epoch()).isEqualTo(claim.epoch());
    assertThat(found.expirySeconds()).isEqualTo(3_600);
    assertThat(found.goesInSeconds().orElseThrow()).isGreaterThan(24 * 3_600);
    assertThat(found.feeds())
        .containsExactly(new StoredFeed("rooms/1", 0, -1), new StoredFeed("users/bob", 1, 41));
    assertThat(found.inFlight()).containsExactly(delivery);
  }

  @Test
  void shouldShowASessionThatIsAway() {
    release(begin("tablet", SessionStore.EXPIRY_NEVER), SessionStore.EXPIRY_NEVER);

    StoredSession found = directory.find("tablet").orElseThrow();

    assertThat(found.owner()).isNull();
    assertThat(found.goesInSeconds()).isEmpty();
  }

  @Test
  void shouldNotShowASessionThatNeverBegan() {
    await(cache.sessions().claim(new ClaimRequest("early", "c1", 5, false, 3_600)));

    assertThat(directory.find("early")).isEmpty();
    assertThat(walk("")).isEmpty();
  }

  @Test
  void shouldWalkOverAllSessionsInManySteps() {
    Set<String> all =
        IntStream.range(0, 1_500).mapToObj(i -> "user-" + i).collect(Collectors.toSet());
    all.forEach(clientId -> begin(clientId, 3_600));

    assertThat(walk("")).isEqualTo(all);
    assertThat(walk("user-14"))
        .isEqualTo(
            all.stream().filter(each -> each.startsWith("user-14")).collect(Collectors.toSet()));
  }

  @Test
  void shouldTakeAPrefixLiterally() {
    List.of("a*b", "aXb", "a[1]", "a1", "a\\c", "a?", "a{b}", "").forEach(each -> begin(each, 60));

    assertThat(walk("a*")).containsExactly("a*b");
    assertThat(walk("a[")).containsExactly("a[1]");
    assertThat(walk("a\\")).containsExactly("a\\c");
    assertThat(walk("a?")).containsExactly("a?");
    assertThat(walk("a{b}")).containsExactly("a{b}");
    assertThat(walk("")).hasSize(8);
  }

  @Test
  void shouldEndAWalkWhenToldTo() {
    IntStream.range(0, 300).forEach(i -> begin("user-" + i, 60));
    int[] visits = new int[1];

    directory.walk("", session -> ++visits[0] < 3);

    assertThat(visits[0]).isEqualTo(3);
  }

  @Test
  void shouldForgetOnlyTheClaimThatWasRead() {
    SessionClaim first = begin("phone", 3_600);
    SessionClaim second =
        await(cache.sessions().claim(new ClaimRequest("phone", "c2", 1, false, 3_600))).session();

    assertThat(directory.forget("phone", first.epoch())).isFalse();
    assertThat(directory.find("phone")).isPresent();
    assertThat(directory.forget("phone", second.epoch())).isTrue();
    assertThat(directory.find("phone")).isEmpty();
    // The owner learns that the session is gone, and does not write it again.
    assertThat(await(cache.sessions().touch(second))).isEqualTo(FenceResult.FENCED);
  }

  @Test
  void shouldSetBackCursorsOfASessionThatIsAway() {
    // Given
    SessionClaim claim = begin("tablet", 3_600);
    await(
        cache
            .sessions()
            .putFeeds(
                claim,
                List.of(
                    new StoredFeed("rooms/1", 1, 20).withGap(new StoredGap(3, 4)),
                    new StoredFeed("rooms/2", 1, 30),
                    new StoredFeed("rooms/3", 1, 40))));
    List<StoredDelivery> inFlight =
        List.of(
            new StoredDelivery(7, "rooms/1", 21, false),
            new StoredDelivery(8, "rooms/3", 41, false),
            new StoredDelivery(9, "rooms/1", 22, true));
    await(cache.sessions().release(claim, new SessionProgress(List.of(), inFlight), 3_600));
    StoredSession found = directory.find("tablet").orElseThrow();

    // When
    boolean done = directory.setBack(found, Map.of("rooms/1", 9L, "rooms/2", 35L, "rooms/9", 1L));

    // Then
    assertThat(done).isTrue();
    StoredSession now = directory.find("tablet").orElseThrow();
    assertThat(now.feeds())
        .containsExactly(
            new StoredFeed("rooms/1", 1, 9).withGap(new StoredGap(3, 4)),
            new StoredFeed("rooms/2", 1, 30),
            new StoredFeed("rooms/3", 1, 40));
    // and the deliveries of the address that was set back keep their packet identifiers only
    assertThat(now.inFlight())
        .containsExactly(
            new StoredDelivery(7, "", 21, true),
            new StoredDelivery(8, "rooms/3", 41, false),
            new StoredDelivery(9, "", 22, true));
    assertThat(now.epoch()).isEqualTo(found.epoch());
    assertThat(now.goesInSeconds().orElseThrow()).isBetween(3_500L, 3_600L);
  }

  @Test
  void shouldNotSetBackASessionThatWasClaimedMeanwhile() {
    // Given
    SessionClaim claim = begin("tablet", 3_600);
    await(cache.sessions().putFeeds(claim, List.of(new StoredFeed("rooms/1", 1, 20))));
    release(claim, 3_600);
    StoredSession away = directory.find("tablet").orElseThrow();
    await(cache.sessions().claim(new ClaimRequest("tablet", "c2", 7, false, 3_600)));
    StoredSession live = directory.find("tablet").orElseThrow();

    // When
    boolean done = directory.setBack(away, Map.of("rooms/1", 9L));

    // Then
    assertThat(done).isFalse();
    assertThat(directory.find("tablet")).contains(live);
    // but set it back when its owner is known to be gone
    assertThat(directory.setBack(live, Map.of("rooms/1", 9L))).isTrue();
    assertThat(directory.find("tablet").orElseThrow().feeds())
        .containsExactly(new StoredFeed("rooms/1", 1, 9));
    // and do not create a session that is not stored
    redis.commands().flushall();
    assertThat(directory.setBack(live, Map.of("rooms/1", 9L))).isFalse();
    assertThat(redis.commands().dbsize()).isZero();
  }

  @Test
  void shouldNotSetBackASessionThatWasClaimedAndReleasedMeanwhile() {
    // Given
    SessionClaim claim = begin("tablet", 3_600);
    await(cache.sessions().putFeeds(claim, List.of(new StoredFeed("rooms/1", 1, 20))));
    release(claim, 3_600);
    StoredSession away = directory.find("tablet").orElseThrow();
    SessionClaim again =
        await(cache.sessions().claim(new ClaimRequest("tablet", "c2", 7, false, 3_600))).session();
    StoredSession live = directory.find("tablet").orElseThrow();
    var inFlight = List.of(new StoredDelivery(7, "rooms/1", 21, false));
    await(cache.sessions().release(again, new SessionProgress(List.of(), inFlight), 3_600));
    StoredSession now = directory.find("tablet").orElseThrow();

    // When, then: the session has no owner, as when it was read, but a later claim
    assertThat(directory.setBack(away, Map.of("rooms/1", 9L))).isFalse();
    assertThat(directory.find("tablet").map(StoredSession::feeds)).contains(now.feeds());

    // When, then: the claim is the one that was read, but has ended
    assertThat(directory.setBack(live, Map.of("rooms/1", 9L))).isFalse();
    assertThat(directory.find("tablet").map(StoredSession::inFlight)).contains(inFlight);

    // When, then: no cursor is lowered, so the deliveries in flight stay
    assertThat(directory.setBack(now, Map.of("rooms/1", 20L))).isTrue();
    assertThat(directory.find("tablet").map(StoredSession::inFlight)).contains(inFlight);
  }

  @Test
  void shouldReturnAClockThatEpochsOfLaterClaimsExceed() {
    SessionClaim before = begin("early", 60);
    long clock = directory.clockMicros();
    SessionClaim after = begin("late", 60);

    assertThat(clock).isBetween(before.epoch(), after.epoch());
  }

  @Test
  void shouldSayThatRedisIsNotThere() {
    var config = SessionCacheConfig.of(URI.create("redis://127.0.0.1:1"));

    assertThatThrownBy(() -> SessionDirectory.connect(config))
        .isInstanceOf(RedisUnavailableException.class)
        .hasMessageStartingWith("redis: 127.0.0.1:1 cannot be reached: ");
  }

  private static Set<String> walk(String prefix) {
    Set<String> found = new HashSet<>();
    directory.walk(
        prefix,
        session -> {
          found.add(session.clientId());
          return true;
        });
    return found;
  }

  private static SessionClaim begin(String clientId, long expirySeconds) {
    SessionClaim claim =
        await(cache.sessions().claim(new ClaimRequest(clientId, "c1", 5, false, expirySeconds)))
            .session();
    await(cache.sessions().begin(claim, expirySeconds));
    return claim;
  }

  private static void release(SessionClaim claim, long expirySeconds) {
    await(cache.sessions().release(claim, SessionProgress.NONE, expirySeconds));
  }
}
