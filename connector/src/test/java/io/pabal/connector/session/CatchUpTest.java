// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.UnexpectedMessages;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.FixedSchemas;
import io.pabal.schemas.Message;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.clock.PlayedBrokerTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How a subscription that is behind becomes live again. The session processes a page only when the
 * test runs the event loop, so each test decides what happens during the read.
 */
@ExtendWith(Servers.Extension.class)
class CatchUpTest {

  private static Servers servers;
  private static PlayedRouter publisher;

  @BeforeAll
  static void start(Servers shared) {
    servers = shared;
    publisher = new PlayedRouter(shared, "catch-up");
  }

  @AfterAll
  static void stop() {
    publisher.close();
  }

  @Test
  void shouldJudgeTheExpiryOfPastMessagesByTheBrokersTime() {
    String address = "catch-up/expiry";
    Message.Builder expiring =
        PlayedRouter.message(address, "p").setExpiresAt(Instant.now().plus(Duration.ofHours(1)));
    List<Published> all =
        publisher.publishAll(
            List.of(expiring.build(), PlayedRouter.message(address, "last").build()));
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach(address, all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.getLast().offset());

    PlayedBrokerTime.whileAhead(
        Duration.ofHours(2),
        () -> lone.loop.runUntil(() -> subscription.sent() == all.getLast().offset()));

    assertThat(lone.sent).containsExactly(all.getLast().offset());
  }

  @Test
  void shouldSendThePageAndThenTheMessagesPushedDuringTheRead() {
    List<Published> all = publish("catch-up/joining", 20);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = behind(lone, all, 10);

    push(subscription, all.subList(10, 20));
    assertThat(lone.sent).isEmpty();
    runUntil(lone, () -> lone.sent.size() >= 20);

    assertThat(lone.sent).isEqualTo(offsets(all));
    // The subscription is live again: no further read starts.
    long reads = lone.metrics.catchUpReads.sum();
    push(subscription, publish("catch-up/joining", 1));
    assertThat(lone.sent).hasSize(21);
    assertThat(lone.metrics.catchUpReads.sum()).isEqualTo(reads);
  }

  @Test
  void shouldReadAgainWhenAnActivationReportsMissedMessages() {
    List<Published> all = publish("catch-up/check", 20);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = behind(lone, all, 10);

    // During the read of the page up to 9, a restarted router reports the head 15. Messages 12 to
    // 15 were never pushed; the router pushes later messages only.
    push(subscription, all.subList(10, 12));
    PlayedConsumer.activate(subscription.feed(), all.get(15).offset());
    push(subscription, all.subList(16, 20));
    runUntil(lone, () -> lone.sent.size() >= 20);

    assertThat(lone.sent).isEqualTo(offsets(all));
  }

  @Test
  void shouldReadOnlyMissedMessagesWhenALiveSubscriptionIsChecked() {
    List<Published> all = publish("catch-up/checked-live", 10);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = behind(lone, all, 2);
    runUntil(lone, () -> lone.sent.size() == 2);
    push(subscription, all.subList(2, 5));
    lone.packetIds.forEach(lone.session::acknowledge);

    // A restarted router reports the head 7 and pushes later messages only.
    PlayedConsumer.activate(subscription.feed(), all.get(7).offset());
    push(subscription, all.subList(8, 10));
    runUntil(lone, () -> subscription.sent() == last(all));

    assertThat(lone.sent).isEqualTo(offsets(all));
  }

  @Test
  void shouldIgnoreAPushedMessageThatWasReadFromTheTimeline() {
    List<Published> all = publish("catch-up/late", 16);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach("catch-up/late", all.getFirst().offset() - 1);
    // The consumer has received up to 14; the event loop has not applied 10 to 14 yet.
    all.subList(10, 15).forEach(each -> PlayedConsumer.take(subscription.feed(), each.offset()));
    PlayedConsumer.activate(subscription.feed(), all.get(9).offset());
    runUntil(lone, () -> lone.sent.size() == 15);

    all.subList(10, 15)
        .forEach(each -> PlayedConsumer.apply(subscription.feed(), each.offset(), each.value()));
    push(subscription, all.subList(15, 16));

    assertThat(lone.sent).isEqualTo(offsets(all));
  }

  @Test
  void shouldReadAgainWhenMoreMessagesArePushedThanCanBeBuffered() {
    List<Published> all = publish("catch-up/overflow", 400);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = behind(lone, all, 10);

    push(subscription, all.subList(10, 400));
    runUntil(lone, () -> lone.sent.size() >= 400);

    assertThat(lone.sent).isEqualTo(offsets(all));
    assertThat(lone.metrics.catchUpReads.sum()).isGreaterThan(1);
  }

  @Test
  void shouldReadMessagesAgainThatDoNotFitIntoTheWindow() {
    List<Published> all = publish("catch-up/window", 30);
    LoneSession lone = new LoneSession(servers, 12);
    SessionFeed subscription = behind(lone, all, 10);

    push(subscription, all.subList(10, 30));
    runUntil(lone, () -> lone.sent.size() >= 12);
    assertThat(lone.sent).hasSize(12);

    acknowledgeUntil(lone, 30);
    assertThat(lone.sent).isEqualTo(offsets(all));
  }

  @Test
  void shouldContinueWhenTheSchemaOfAMessageIsKnown() {
    List<Published> all = publish("catch-up/schema", 20);
    AtomicBoolean known = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    // A codec of another release has to look up the schema that the messages were written with.
    AvroCodec<Message> asking =
        new AvroCodec<>(
            Message.class,
            1,
            id -> {
              asked.incrementAndGet();
              if (known.get()) {
                return FixedSchemas.INSTANCE.get(id);
              }
              throw new SchemaPendingException(
                  "not known yet", CompletableFuture.completedFuture(null));
            },
            null);
    LoneSession lone = new LoneSession(servers, asking);
    SessionFeed subscription = behind(lone, all, 10);
    runUntil(lone, () -> asked.get() > 0);
    assertThat(lone.sent).isEmpty();

    push(subscription, all.subList(10, 20));
    known.set(true);
    lone.loop.advance(Duration.ofMillis(Retry.DELAY_MILLIS));
    runUntil(lone, () -> lone.sent.size() >= 20);

    assertThat(lone.sent).isEqualTo(offsets(all));
    assertThat(lone.metrics.malformed.sum()).isZero();
  }

  @Test
  void shouldPassOverWhatIsNoMessage() {
    String address = "catch-up/unexpected";
    List<Published> good = new ArrayList<>(publisher.publishNumbered(address, 0, 1));
    UnexpectedMessages.publish(publisher, address);
    good.addAll(publisher.publishNumbered(address, 1, 20));
    // Before its first message was copied a partition has no timelines, and Kafka is read.
    servers.awaitTimelines(Servers.TOPICS.feeds().partitionOf(address), last(good));
    LoneSession lone = new LoneSession(servers, 1_000);
    SessionFeed subscription = lone.attach(address, good.getFirst().offset() - 1);

    PlayedConsumer.activate(subscription.feed(), last(good));
    runUntil(lone, () -> subscription.sent() == last(good));

    assertThat(lone.ended).isEmpty();
    assertThat(lone.sent).containsSubsequence(offsets(good)).isSorted();
    assertThat(lone.metrics.historyReads.sum()).isZero();
    assertThat(lone.metrics.malformed.sum()).isPositive();
  }

  @Test
  void shouldReadNothingWhileTheSocketIsFull() {
    List<Published> all = publish("catch-up/full", 20);
    LoneSession lone = new LoneSession(servers);
    lone.writable = false;
    SessionFeed subscription = behind(lone, all, 10);
    push(subscription, all.subList(10, 20));
    lone.loop.run();
    assertThat(lone.metrics.catchUpReads.sum()).isZero();

    lone.writable = true;
    lone.session.writable();
    runUntil(lone, () -> lone.sent.size() >= 20);

    assertThat(lone.sent).isEqualTo(offsets(all));
  }

  @Test
  void shouldStopWhenTheSocketIsFullInTheMiddleOfAPage() {
    List<Published> all = publish("catch-up/middle", 20);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = behind(lone, all, 10);

    lone.fullAfter = 4;
    runUntil(lone, () -> lone.sent.size() == 4);
    push(subscription, all.subList(10, 20));
    lone.fullAfter = Integer.MAX_VALUE;
    lone.session.writable();
    runUntil(lone, () -> lone.sent.size() >= 20);

    assertThat(lone.sent).isEqualTo(offsets(all));
  }

  @Test
  void shouldCatchUpSeveralAddressesInTurn() {
    List<Published> first = publish("catch-up/several-1", 40);
    List<Published> second = publish("catch-up/several-2", 40);
    LoneSession lone = new LoneSession(servers);
    SessionFeed one = behind(lone, first, 20);
    SessionFeed two = behind(lone, second, 20);

    push(two, second.subList(20, 30));
    push(one, first.subList(20, 40));
    push(two, second.subList(30, 40));
    runUntil(lone, () -> one.sent() == last(first) && two.sent() == last(second));

    assertThat(lone.sent).hasSize(80);
    assertThat(lone.packetIds).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void shouldSendNothingToASubscriptionThatIsGone() {
    List<Published> all = publish("catch-up/gone", 20);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = behind(lone, all, 10);

    lone.session.unsubscribe(subscription, subscription.feed().name());
    // The other subscription is read after it, so the first page has been processed by then.
    List<Published> other = publish("catch-up/gone-other", 5);
    SessionFeed stays = behind(lone, other, 5);
    runUntil(lone, () -> stays.sent() == last(other));

    assertThat(lone.sent).isEqualTo(offsets(other));
  }

  /**
   * A subscription whose cursor lies before the first of {@code all}. Its activation reports the
   * head after the first {@code known} messages.
   */
  private static SessionFeed behind(LoneSession lone, List<Published> all, int known) {
    SessionFeed subscription = lone.attach(all.getFirst().address(), all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.get(known - 1).offset());
    return subscription;
  }

  private static void push(SessionFeed subscription, List<Published> messages) {
    messages.forEach(each -> PlayedConsumer.push(subscription.feed(), each.offset(), each.value()));
  }

  private static void acknowledgeUntil(LoneSession lone, int count) {
    runUntil(
        lone,
        () -> {
          while (!lone.packetIds.isEmpty()) {
            lone.session.acknowledge(lone.packetIds.removeFirst());
          }
          return lone.sent.size() >= count;
        });
  }

  private static void runUntil(LoneSession lone, BooleanSupplier condition) {
    lone.loop.runUntil(condition::getAsBoolean);
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
