// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.SubscriptionState;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSubscription;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several addresses of one prefix, that is, of one feed. */
@ExtendWith(Servers.Extension.class)
class SessionFeedTest {

  private static Servers servers;
  private static PlayedRouter publisher;

  @BeforeAll
  static void start(Servers shared) {
    servers = shared;
    publisher = new PlayedRouter(servers, "session-feed");
  }

  @AfterAll
  static void stop() throws Exception {
    publisher.close();
  }

  @Test
  void shouldSendOnlyWhatItsSubscriptionsMatch() {
    LoneSession lone = new LoneSession(servers);
    SessionFeed feed = subscribed(lone, "wanted/1/a", "wanted/1/b");
    PlayedConsumer.activate(feed.feed(), 9);

    push(feed, 10, "wanted/1/a");
    push(feed, 11, "wanted/1");
    push(feed, 12, "wanted/1/b");
    push(feed, 13, "wanted/1/a/x");

    assertThat(lone.sent).containsExactly(10L, 12L);
    assertThat(lone.metrics.unwanted.sum()).isEqualTo(2);
    assertThat(feed.sent()).isEqualTo(13);
  }

  @Test
  void shouldMoveTheCursorOverMessagesThatNoSubscriptionMatches() {
    LoneSession lone = new LoneSession(servers);
    SessionFeed feed = subscribed(lone, "passed/1/a");
    PlayedConsumer.activate(feed.feed(), 9);

    push(feed, 10, "passed/1/a");
    push(feed, 11, "passed/1/b");
    assertThat(feed.cursor()).isEqualTo(9);
    lone.session.acknowledge(lone.packetIds.getFirst());

    assertThat(feed.cursor()).isEqualTo(11);
  }

  /** A later subscription must not bring what was sent before it, although the feed is behind. */
  @Test
  void shouldHoldALaterSubscriptionFromItsBeginningOn() throws Exception {
    List<Published> old =
        IntStream.range(0, 20)
            .mapToObj(i -> publisher.publish("later/1/" + (i % 2 == 0 ? "a" : "b"), "m" + i))
            .toList();
    int partition = Servers.TOPICS.feeds().partitionOf("later/1");
    servers.awaitTimelines(partition, old.getLast().offset());
    LoneSession lone = new LoneSession(servers);
    SessionFeed feed = resumed(lone, old.getFirst().offset() - 1, "later/1/a");
    lone.session.subscribe("later/1/b", SubscriptionOptions.of(1));

    PlayedConsumer.activate(feed.feed(), old.getLast().offset());
    lone.loop.runUntil(() -> feed.sent() >= old.getLast().offset() && feed.isActive());
    Published a = publisher.publish("later/1/a", "new");
    Published b = publisher.publish("later/1/b", "new");
    PlayedConsumer.push(feed.feed(), "later/1/a", a.offset(), a.value());
    PlayedConsumer.push(feed.feed(), "later/1/b", b.offset(), b.value());

    assertThat(lone.sent)
        .containsExactlyElementsOf(
            IntStream.range(0, 22)
                .filter(i -> i >= 20 || i % 2 == 0)
                .mapToObj(i -> i < 20 ? old.get(i).offset() : i == 20 ? a.offset() : b.offset())
                .toList());
  }

  @Test
  void shouldNotHoldASubscriptionBeforeTheFeedsPresentEnd() {
    LoneSession lone = new LoneSession(servers);
    SessionFeed feed = subscribed(lone, "present/1/a");
    PlayedConsumer.activate(feed.feed(), 9);
    lone.writable = false;
    push(feed, 10, "present/1/b");
    push(feed, 11, "present/1/a"); // falls behind here

    lone.session.subscribe("present/1/b", SubscriptionOptions.of(1));

    Subscription later = Objects.requireNonNull(feed.find("present/1/b"));
    assertThat(later.from()).isEqualTo(11);
    SubscriptionState state = SessionEvents.state(feed, later);
    assertThat(state.getCursor()).isEqualTo(11);
    assertThat(SessionEvents.state(feed, feed.subscriptions().getFirst()).getCursor())
        .isEqualTo(10);
  }

  @Test
  void shouldKeepTheFeedUntilItsLastSubscriptionEnds() {
    LoneSession lone = new LoneSession(servers);
    SessionFeed feed = subscribed(lone, "last/1/a", "last/1/b");
    PlayedConsumer.activate(feed.feed(), 9);

    lone.session.unsubscribe(
        List.of("last/1/a", "last/1/c"),
        existed -> assertThat(existed).containsExactly(true, false));
    push(feed, 10, "last/1/a");
    push(feed, 11, "last/1/b");
    assertThat(lone.sent).containsExactly(11L);
    assertThat(lone.session.subscriptionCount()).isEqualTo(1);

    lone.session.unsubscribe(List.of("last/1/b"), existed -> {});
    assertThat(feed.isGone()).isTrue();
    assertThat(lone.session.feed("last/1")).isNull();
    assertThat(lone.session.subscriptionCount()).isZero();
  }

  @Test
  void shouldStoreGrantedSubscriptionsOnly() {
    LoneSession lone = new LoneSession(servers);
    SessionFeed feed = resumed(lone, 7, "granted/1/a");

    lone.session.subscribe("granted/1/b", SubscriptionOptions.of(0));
    assertThat(feed.toStored().subscriptions())
        .containsExactly(new StoredSubscription("granted/1/a", 1));

    PlayedConsumer.activate(feed.feed(), 7);
    feed.grant("granted/1/b");
    assertThat(feed.toStored())
        .isEqualTo(
            new StoredFeed(
                "granted/1",
                7,
                null,
                List.of(
                    new StoredSubscription("granted/1/a", 1),
                    new StoredSubscription("granted/1/b", 0, 7))));
  }

  private static SessionFeed subscribed(LoneSession lone, String... filters) {
    SessionFeed feed = null;
    for (String filter : filters) {
      feed = lone.session.subscribe(filter, SubscriptionOptions.of(1));
    }
    return Objects.requireNonNull(feed);
  }

  private static SessionFeed resumed(LoneSession lone, long cursor, String filter) {
    String name = Servers.TOPICS.feeds().prefixOf(filter);
    var stored = new StoredFeed(name, cursor, null, List.of(new StoredSubscription(filter, 1)));
    lone.session.resume(List.of(stored), List.of(), () -> {});
    return Objects.requireNonNull(lone.session.feed(name));
  }

  private static void push(SessionFeed feed, long offset, String address) {
    PlayedConsumer.push(
        feed.feed(),
        address,
        offset,
        Codecs.MESSAGE.encode(PlayedRouter.message(address, "x").build()));
  }
}
