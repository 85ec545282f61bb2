// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.SubscriptionState;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.session.RebuiltSession;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSubscription;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is made of a session's events, in order and not. */
class SessionHistoryTest {

  private static final long NOW_MILLIS = 1_000_000_000L;
  private static final long HOUR_SECONDS = 3_600;
  private static final Feeds FEEDS = new Feeds(12, 2);

  private final SessionHistory session = new SessionHistory("phone");

  @Test
  void shouldTakeCursorsOfDisconnect() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.SUBSCRIBED, 5, at("a", 1), at("b", 1));
    take(SessionEventKind.DISCONNECTED, 5, at("a", 7), at("b", 1));

    assertThat(feeds()).containsExactlyInAnyOrder(stored("a", 7), stored("b", 1));
    assertThat(session.isExact()).isTrue();
    assertThat(rebuilt().orElseThrow().epoch()).isEqualTo(5);
  }

  @Test
  void shouldGiveSubscriptionsOfOneFeedItsLowestCursor() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.SUBSCRIBED, 5, at("rooms/42/seen", 3));
    take(SessionEventKind.SUBSCRIBED, 5, at("rooms/42/typing", 9), at("rooms/43", 4));

    assertThat(feeds())
        .containsExactly(
            new StoredFeed(
                "rooms/42",
                3,
                null,
                List.of(
                    new StoredSubscription("rooms/42/seen", 1),
                    new StoredSubscription("rooms/42/typing", 1, 9))),
            stored("rooms/43", 4));
  }

  @Test
  void shouldTakeCursorsOfProgressWhenConnectorDied() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.SUBSCRIBED, 5, at("a", 1));
    take(SessionEventKind.OTHER, 5, at("a", 4));

    assertThat(feeds()).containsExactly(stored("a", 4));
    assertThat(session.isExact()).isFalse();
  }

  @Test
  void shouldForgetWhatWasBeforeCleanStart() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.SUBSCRIBED, 5, at("a", 1));
    take(SessionEventKind.CONNECTED, 6);
    // the connector that had it before says so late
    take(SessionEventKind.TAKEN_OVER, 5, at("a", 7));

    assertThat(feeds()).isEmpty();
    assertThat(rebuilt().orElseThrow().epoch()).isEqualTo(6);
  }

  @Test
  void shouldLetLateWordOfOlderOwnerMoveCursorsOnAndNothingElse() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.SUBSCRIBED, 5, at("a", 1), at("b", 1));
    take(SessionEventKind.RESUMED, 6);
    take(SessionEventKind.UNSUBSCRIBED, 6, at("b", 1));
    take(SessionEventKind.TAKEN_OVER, 5, at("a", 7), at("b", 7));

    assertThat(feeds()).containsExactly(stored("a", 7));
    assertThat(session.isExact()).isFalse();
  }

  @Test
  void shouldNeverLowerCursor() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.DISCONNECTED, 5, at("a", 7));
    take(SessionEventKind.DISCONNECTED, 6, at("a", 3));

    assertThat(feeds()).containsExactly(stored("a", 7));
  }

  @Test
  void shouldNotKeepSessionWhoseTimeIsOver() {
    take(SessionEventKind.CONNECTED, 5);
    take(SessionEventKind.DISCONNECTED, 5, at("a", 7));

    assertThat(session.rebuilt(NOW_MILLIS + 100_000, FEEDS).orElseThrow().leftSeconds())
        .isEqualTo(HOUR_SECONDS - 100);
    assertThat(session.rebuilt(NOW_MILLIS + HOUR_SECONDS * 1_000, FEEDS)).isEmpty();
  }

  @Test
  void shouldNotKeepSessionThatEndsWithItsConnection() {
    take(event(SessionEventKind.CONNECTED, 5, 0));

    assertThat(rebuilt()).isEmpty();
  }

  @Test
  void shouldKnowWhetherItHasSeenAllSubscriptions() {
    take(SessionEventKind.RESUMED, 6);
    take(SessionEventKind.SUBSCRIBED, 6, at("a", 1));
    assertThat(rebuilt().orElseThrow().complete()).isFalse();

    take(SessionEventKind.DISCONNECTED, 6, at("a", 1), at("b", 2));
    assertThat(rebuilt().orElseThrow().complete()).isTrue();
  }

  private void take(SessionEventKind kind, long epoch, SubscriptionState... subscriptions) {
    take(event(kind, epoch, HOUR_SECONDS, subscriptions));
  }

  private void take(SessionEvent event) {
    session.take(event, event.getAt().toEpochMilli());
  }

  private Optional<RebuiltSession> rebuilt() {
    return session.rebuilt(NOW_MILLIS, FEEDS);
  }

  private Stream<StoredFeed> feeds() {
    return rebuilt().orElseThrow().feeds().stream();
  }

  private static SessionEvent event(
      SessionEventKind kind, long epoch, long expirySeconds, SubscriptionState... subscriptions) {
    return SessionEvent.newBuilder()
        .setKind(kind)
        .setAt(Instant.ofEpochMilli(NOW_MILLIS))
        .setClientId("phone")
        .setEpoch(epoch)
        .setConnectorId("c1")
        .setReason(kind == SessionEventKind.OTHER ? "progress" : "")
        .setIncarnation(1)
        .setExpirySeconds(expirySeconds)
        .setSubscriptions(List.of(subscriptions))
        .build();
  }

  private static SubscriptionState at(String address, long cursor) {
    return SubscriptionState.newBuilder().setAddress(address).setCursor(cursor).build();
  }

  private static StoredFeed stored(String address, long cursor) {
    return new StoredFeed(address, 1, cursor);
  }
}
