// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.session.SessionCrowd.Member;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.Message;
import io.pabal.schemas.clock.PlayedBrokerTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions that continue from the connector's recent deliveries, and those that cannot. */
@ExtendWith(Servers.Extension.class)
class CatchUpFromMemoryTest {

  private static final long PLENTY = 16 << 20;

  private static Servers servers;
  private static PlayedRouter publisher;

  @BeforeAll
  static void start(Servers shared) {
    servers = shared;
    publisher = new PlayedRouter(shared, "memory");
  }

  @AfterAll
  static void stop() {
    publisher.close();
  }

  @Test
  void shouldReadNothingFromRedisWhenABurstGoesToManySmallWindows() {
    List<Published> all = publish("memory/burst", 1_000);
    SessionCrowd crowd = live(all, 1_000, 20, PLENTY);

    crowd.push(all.subList(0, 500));
    crowd.push(all.subList(500, 1_000));
    assertThat(crowd.metrics.sessionsBehind.sum()).isEqualTo(1_000);
    crowd.acknowledgeUntil(last(all));

    crowd.assertSent(all);
    assertThat(crowd.metrics.catchUpReads.sum()).isZero();
    assertThat(crowd.metrics.catchUpRecent.sum()).isEqualTo(1_000 * (1_000 - 20));
    assertThat(crowd.metrics.sessionsBehind.sum()).isZero();
    // Packets are encoded once for all.
    assertThat(crowd.objects).hasSize(1_000);
  }

  @Test
  void shouldReadTheTimelineWhenMemoryDoesNotReachBackFarEnough() {
    List<Published> all = publish("memory/small", 400);
    SessionCrowd crowd = live(all, 20, 20, 30_000);

    crowd.push(all);
    crowd.acknowledgeUntil(last(all));

    crowd.assertSent(all);
    assertThat(crowd.metrics.catchUpReads.sum()).isPositive();
    assertThat(crowd.metrics.catchUpRecent.sum()).isPositive();
  }

  @Test
  void shouldGetEverythingFromTimelinesWhenMemoryIsSwitchedOff() {
    List<Published> all = publish("memory/off", 200);
    SessionCrowd crowd = live(all, 20, 20, 0);

    crowd.push(all);
    crowd.acknowledgeUntil(last(all));

    crowd.assertSent(all);
    assertThat(crowd.metrics.catchUpReads.sum()).isPositive();
    assertThat(crowd.metrics.catchUpRecent.sum()).isZero();
  }

  @Test
  void shouldContinueFromMemoryWhenTheSocketWasFull() {
    List<Published> all = publish("memory/socket", 30);
    SessionCrowd crowd = live(all, 1, 1_000, PLENTY);
    Member member = crowd.members.getFirst();
    crowd.push(all.subList(0, 10));
    member.writable = false;
    crowd.push(all.subList(10, 20));
    assertThat(member.sent).hasSize(10);

    member.writable = true;
    member.session.writable();
    assertThat(member.sent).hasSize(20);
    crowd.push(all.subList(20, 30));

    crowd.assertSent(all);
    assertThat(crowd.metrics.catchUpReads.sum()).isZero();
  }

  @Test
  void shouldResumeASessionFromMemory() {
    List<Published> all = publish("memory/resume", 30);
    SessionCrowd crowd = live(all, 1, 1_000, PLENTY);
    crowd.push(all.subList(0, 20));

    Member resumed = crowd.join(all.get(4).offset());
    assertThat(resumed.sent).isEqualTo(offsets(all.subList(5, 20)));
    crowd.push(all.subList(20, 30));

    assertThat(resumed.sent).isEqualTo(offsets(all.subList(5, 30)));
    assertThat(crowd.metrics.catchUpReads.sum()).isZero();
  }

  @Test
  void shouldReadTheTimelineWhenAnActivationReportsMessagesThatWereNotPushed() {
    List<Published> all = publish("memory/jump", 30);
    SessionCrowd crowd = live(all, 3, 5, PLENTY);
    crowd.push(all.subList(0, 10));
    // Messages 10 to 19 were routed by a router whose records were lost.
    PlayedConsumer.activate(crowd.feed, all.get(19).offset());
    crowd.push(all.subList(20, 30));
    crowd.acknowledgeUntil(last(all));

    crowd.assertSent(all);
    assertThat(crowd.metrics.catchUpReads.sum()).isPositive();
  }

  @Test
  void shouldNotSendAgainWhatTheEventLoopAppliesLater() {
    List<Published> all = publish("memory/late", 30);
    SessionCrowd crowd = live(all, 1, 5, PLENTY);
    Member member = crowd.members.getFirst();
    crowd.push(all.subList(0, 10));
    // The consumer has received 10 to 19; the event loop has not applied them yet.
    List<Delivery> pending = PlayedConsumer.takeAll(crowd.rings, crowd.feed, all.subList(10, 20));
    for (int i = 0; i < 4; i++) {
      member.acknowledgeAll();
    }
    assertThat(member.sent).hasSize(20);

    pending.forEach(each -> each.apply(crowd.context));
    member.acknowledgeAll();
    crowd.push(all.subList(20, 30));
    crowd.acknowledgeUntil(last(all));

    crowd.assertSent(all);
  }

  @Test
  void shouldRewindFromMemoryUpToTheRewoundRangeOnly() {
    List<Published> all = publish("memory/rewind", 20);
    SessionCrowd crowd = live(all, 1, 8, PLENTY);
    Member member = crowd.members.getFirst();
    crowd.push(all.subList(0, 10));
    crowd.acknowledgeUntil(all.get(9).offset());
    member.acknowledgeAll();

    // The range ends beyond what was sent: these messages are not sent again, but once.
    PlayedConsumer.takeAll(crowd.rings, crowd.feed, all.subList(10, 20));
    PlayedConsumer.rewind(
        crowd.feed, new Rewind(crowd.feed.partition(), all.get(3).offset(), last(all), 1, ""));
    crowd.acknowledgeUntil(last(all));

    List<Published> expected = new ArrayList<>(all.subList(0, 10));
    expected.addAll(all.subList(3, 10));
    expected.addAll(all.subList(10, 20));
    assertThat(member.sent).isEqualTo(offsets(expected));
    assertThat(crowd.metrics.repeated.sum()).isEqualTo(7);
    assertThat(crowd.metrics.catchUpReads.sum()).isZero();
  }

  @Test
  void shouldRepeatNothingBehindARewoundRange() {
    List<Published> all = publish("memory/rewind-short", 20);
    SessionCrowd crowd = live(all, 1, 50, PLENTY);
    crowd.push(all.subList(0, 15));

    PlayedConsumer.rewind(
        crowd.feed,
        new Rewind(crowd.feed.partition(), all.get(3).offset(), all.get(6).offset(), 1, ""));
    crowd.push(all.subList(15, 20));

    List<Published> expected = new ArrayList<>(all.subList(0, 15));
    expected.addAll(all.subList(3, 7));
    expected.addAll(all.subList(15, 20));
    assertThat(crowd.members.getFirst().sent).isEqualTo(offsets(expected));
    assertThat(crowd.metrics.catchUpReads.sum()).isZero();
  }

  @Test
  void shouldJudgeTheExpiryAnewWhenTheSessionContinues() {
    String address = "memory/expiry";
    Message.Builder expiring =
        PlayedRouter.message(address, "p").setExpiresAt(Instant.now().plus(Duration.ofHours(1)));
    List<Published> all =
        publisher.publishAll(
            List.of(
                PlayedRouter.message(address, "first").build(),
                expiring.build(),
                PlayedRouter.message(address, "last").build()));
    SessionCrowd crowd = live(all, 1, 1, PLENTY);
    crowd.push(all);

    PlayedBrokerTime.whileAhead(Duration.ofHours(2), () -> crowd.acknowledgeUntil(last(all)));

    assertThat(crowd.members.getFirst().sent)
        .containsExactly(all.get(0).offset(), all.get(2).offset());
    assertThat(crowd.metrics.catchUpReads.sum()).isZero();
  }

  @Test
  void shouldShareOneReadAmongSessionsThatNeedTheSamePage() {
    List<Published> all = new ArrayList<>(publish("memory/shared", 10));
    servers.awaitTimelines(Servers.TOPICS.feeds().partitionOf("memory/shared"), last(all));
    SessionCrowd crowd = new SessionCrowd(servers, "memory/shared", 100, PLENTY);
    // The timeline does not have the last message yet, so the read stays under way.
    PlayedConsumer.activate(crowd.feed, last(all) + 1);
    for (int i = 0; i < 200; i++) {
      crowd.join(all.getFirst().offset() - 1 + i % 3);
    }
    crowd.loop.run();
    assertThat(crowd.metrics.catchUpReads.sum()).isEqualTo(1);
    assertThat(crowd.metrics.catchUpReadsShared.sum()).isEqualTo(199);

    all.addAll(publish("memory/shared", 1));
    crowd.acknowledgeUntil(last(all));

    for (int i = 0; i < 200; i++) {
      assertThat(crowd.members.get(i).sent).isEqualTo(offsets(all.subList(i % 3, 11)));
    }
    assertThat(crowd.metrics.catchUpReads.sum()).isEqualTo(1);
    assertThat(crowd.objects).hasSize(11);
  }

  @Test
  void shouldMissNothingWhenTheSharedReadWasStartedBeforeFurtherMessagesWerePushed() {
    String address = "memory/shared-early";
    List<Published> all = new ArrayList<>(publish(address, 10));
    long head = last(all) + 1;
    servers.awaitTimelines(Servers.TOPICS.feeds().partitionOf(address), last(all));
    SessionCrowd crowd = new SessionCrowd(servers, address, 100, 0);
    PlayedConsumer.activate(crowd.feed, head);
    crowd.join(all.getFirst().offset() - 1);
    // These messages are published below, with the offsets that they have here already.
    List<Published> pushed = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      byte[] value = Codecs.MESSAGE.encode(PlayedRouter.message(address, "pushed").build());
      pushed.add(new Published(address, head + i, value));
    }
    PlayedConsumer.pushAll(crowd.rings, crowd.feed, pushed.subList(0, 3), crowd.context);
    crowd.join(all.getFirst().offset() - 1);
    assertThat(crowd.metrics.catchUpReadsShared.sum()).isEqualTo(1);
    PlayedConsumer.pushAll(crowd.rings, crowd.feed, pushed.subList(3, 5), crowd.context);

    all.addAll(publish(address, 6));
    assertThat(last(all)).isEqualTo(head + 5);
    crowd.acknowledgeUntil(last(all));

    crowd.assertSent(all);
  }

  @Test
  void shouldReadForItselfWhenAnotherReadEndsBelowItsPosition() {
    List<Published> all = new ArrayList<>(publish("memory/apart", 60));
    servers.awaitTimelines(Servers.TOPICS.feeds().partitionOf("memory/apart"), last(all));
    SessionCrowd crowd = new SessionCrowd(servers, "memory/apart", 100, PLENTY);
    PlayedConsumer.activate(crowd.feed, last(all) + 1);
    crowd.join(all.getFirst().offset() - 1);
    crowd.join(all.get(50).offset());
    assertThat(crowd.metrics.catchUpReads.sum()).isEqualTo(2);
    assertThat(crowd.metrics.catchUpReadsShared.sum()).isZero();

    all.addAll(publish("memory/apart", 1));
    crowd.acknowledgeUntil(last(all));

    assertThat(crowd.members.get(0).sent).isEqualTo(offsets(all));
    assertThat(crowd.members.get(1).sent).isEqualTo(offsets(all.subList(51, 61)));
  }

  @Test
  void shouldSendNothingBeyondARewoundRangeFromASharedPage() {
    List<Published> all = new ArrayList<>(publish("memory/shared-rewind", 10));
    servers.awaitTimelines(Servers.TOPICS.feeds().partitionOf("memory/shared-rewind"), last(all));
    SessionCrowd crowd = new SessionCrowd(servers, "memory/shared-rewind", 100, 0);
    // The first session is up to date until message 7; the second one is new and reads to the end.
    PlayedConsumer.activate(crowd.feed, all.get(7).offset());
    Member rewound = crowd.join(all.get(7).offset());
    PlayedConsumer.activate(crowd.feed, last(all) + 1);
    Member behind = crowd.join(all.getFirst().offset() - 1);
    PlayedConsumer.rewind(
        crowd.feed,
        new Rewind(crowd.feed.partition(), all.get(0).offset(), all.get(4).offset(), 1, ""));
    crowd.loop.run();

    all.addAll(publish("memory/shared-rewind", 1));
    crowd.acknowledgeUntil(last(all));
    crowd.loop.runUntil(() -> rewound.sent.size() >= 8);

    assertThat(behind.sent).containsSubsequence(offsets(all));
    List<Long> again = new ArrayList<>(rewound.sent);
    assertThat(again)
        .containsAll(offsets(all.subList(0, 5)))
        .containsAll(offsets(all.subList(8, 11)));
    assertThat(again).doesNotContainAnyElementsOf(offsets(all.subList(5, 8)));
  }

  /** Live sessions of a feed whose messages after the activation are {@code all}. */
  private static SessionCrowd live(
      List<Published> all, int sessions, int inFlightMax, long ringBytesMax) {
    SessionCrowd crowd =
        new SessionCrowd(servers, all.getFirst().address(), inFlightMax, ringBytesMax);
    PlayedConsumer.activate(crowd.feed, all.getFirst().offset() - 1);
    for (int i = 0; i < sessions; i++) {
      crowd.join(all.getFirst().offset() - 1);
    }
    return crowd;
  }

  private static List<Published> publish(String address, int count) {
    return publisher.publishNumbered(address, 0, count);
  }

  private static List<Long> offsets(List<Published> messages) {
    return messages.stream().map(Published::offset).toList();
  }

  private static long last(List<Published> messages) {
    return messages.getLast().offset();
  }
}
