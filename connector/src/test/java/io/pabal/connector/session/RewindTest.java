// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.DeliveryHeader.Rewind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The messages that a rewind sends again to a live session, and their order. A rewind changes
 * neither the cursor nor the deliveries in flight.
 */
@ExtendWith(Servers.Extension.class)
class RewindTest {

  private static Servers servers;
  private static PlayedRouter publisher;

  @BeforeAll
  static void start(Servers shared) {
    servers = shared;
    publisher = new PlayedRouter(shared, "rewind");
  }

  @AfterAll
  static void stop() {
    publisher.close();
  }

  @Test
  void shouldSendTheRangeAgainAndThenTheNewerMessages() {
    List<Published> all = publish("rewind/live", 20);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = live(lone, all.subList(0, 15));
    acknowledgeAll(lone);

    rewind(subscription, all.get(3), all.get(9));
    push(subscription, all.subList(15, 18)); // during the page read
    runUntil(lone, () -> lone.sent.size() >= 15 + 7 + 3);
    push(subscription, all.subList(18, 20));

    assertThat(lone.sent)
        .isEqualTo(offsets(all.subList(0, 15), all.subList(3, 10), all.subList(15, 20)));
    assertThat(lone.metrics.repeated.sum()).isEqualTo(7);
    assertThat(lone.sentAgain).as("a repeat is a message of its own, without DUP").isEmpty();
  }

  @Test
  void shouldNotMoveTheCursorWhenARepeatIsAcknowledged() {
    List<Published> all = publish("rewind/cursor", 12);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = live(lone, all.subList(0, 10));
    // Messages 0 to 7 are acknowledged; 8 and 9 are in flight.
    List<Integer> first = List.copyOf(lone.packetIds);
    first.subList(0, 8).forEach(lone.session::acknowledge);
    long cursor = all.get(7).offset();
    assertThat(subscription.cursor()).isEqualTo(cursor);
    lone.packetIds.clear();

    rewind(subscription, all.get(2), all.get(9));
    runUntil(lone, () -> lone.sent.size() >= 18);
    push(subscription, all.subList(10, 12));
    runUntil(lone, () -> lone.sent.size() >= 20);

    // Then the acknowledged repeats of 2 to 9 do not acknowledge 8 and 9,
    assertThat(subscription.cursor()).isEqualTo(cursor);
    List<Integer> again = List.copyOf(lone.packetIds);
    assertThat(again).doesNotContainAnyElementsOf(first.subList(8, 10));
    for (int repeated : again.subList(0, 8)) {
      assertThat(lone.session.acknowledge(repeated)).isTrue();
      assertThat(subscription.cursor()).isEqualTo(cursor);
    }
    // nor does the acknowledgement of the newer message 10,
    lone.session.acknowledge(again.get(8));
    assertThat(subscription.cursor()).isEqualTo(cursor);
    // and the first deliveries of 8 and 9 move the cursor when they are acknowledged.
    lone.session.acknowledge(first.get(8));
    assertThat(subscription.cursor()).isEqualTo(all.get(8).offset());
    lone.session.acknowledge(first.get(9));
    assertThat(subscription.cursor()).isEqualTo(all.get(10).offset());
    lone.session.acknowledge(again.get(9));
    assertThat(subscription.cursor()).isEqualTo(all.get(11).offset());
    assertThat(lone.session.acknowledge(first.get(9))).isFalse();
  }

  @Test
  void shouldStayWithinTheWindowAndContinueOnAcknowledgements() {
    List<Published> all = publish("rewind/window", 30);
    LoneSession lone = new LoneSession(servers, 5);
    SessionFeed subscription = live(lone, all.subList(0, 5));
    acknowledgeUntil(lone, 5);
    push(subscription, all.subList(5, 30));
    acknowledgeUntil(lone, 30);
    acknowledgeAll(lone);

    rewind(subscription, all.getFirst(), all.getLast());
    runUntil(lone, () -> lone.sent.size() >= 35);
    assertThat(lone.sent).hasSize(35);
    long cursor = all.getLast().offset();
    assertThat(subscription.cursor()).isEqualTo(cursor);
    lone.session.acknowledge(lone.packetIds.removeFirst());
    assertThat(subscription.cursor()).isEqualTo(cursor);
    acknowledgeUntil(lone, 60);

    assertThat(lone.sent).isEqualTo(offsets(all, all));
    assertThat(subscription.cursor()).isEqualTo(cursor);
  }

  @Test
  void shouldContinueACatchUpAfterTheRepeat() {
    List<Published> all = publish("rewind/behind", 17);
    LoneSession lone = new LoneSession(servers, 4);
    SessionFeed subscription = live(lone, all.subList(0, 4));
    push(subscription, all.subList(4, 15)); // the window is full

    rewind(subscription, all.get(0), all.get(1));
    acknowledgeAll(lone); // starts the read of the repeat
    push(subscription, all.subList(15, 17));
    acknowledgeUntil(lone, 19);

    assertThat(lone.sent)
        .isEqualTo(offsets(all.subList(0, 4), all.subList(0, 2), all.subList(4, 17)));
  }

  @Test
  void shouldStoreNothingOfARepeatForTheNextConnection() {
    List<Published> all = publish("rewind/stored", 6);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = live(lone, all);
    lone.packetIds.subList(0, 4).forEach(lone.session::acknowledge);

    rewind(subscription, all.getFirst(), all.getLast());
    runUntil(lone, () -> lone.sent.size() >= 12);

    // Then only the two deliveries that waited for a PUBACK before the rewind are stored as waiting
    assertThat(lone.session.sender().inFlight())
        .filteredOn(each -> !each.acknowledged())
        .extracting(each -> each.offset())
        .containsExactly(all.get(4).offset(), all.get(5).offset());
    assertThat(subscription.toStored().cursor()).isEqualTo(all.get(3).offset());
  }

  @Test
  void shouldProcessARequestedPageBeforeTheRepeat() {
    List<Published> all = publish("rewind/page", 20);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach(all.getFirst().address(), all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.get(9).offset()); // reads 0 to 9

    rewind(subscription, all.get(2), all.get(19));
    push(subscription, all.subList(10, 20));
    runUntil(lone, () -> lone.sent.size() >= 28);

    // Then only messages that were sent before are sent again
    assertThat(lone.sent)
        .startsWith(offsets(all.subList(0, 10)).toArray(Long[]::new))
        .isEqualTo(againFrom(2, lone.sent, all));
  }

  /** The messages sent before the repeat began, then those from {@code index} to the end. */
  private static List<Long> againFrom(int index, List<Long> sent, List<Published> all) {
    int before = 1;
    while (sent.get(before) > sent.get(before - 1)) {
      before++;
    }
    return offsets(all.subList(0, before), all.subList(index, all.size()));
  }

  @Test
  void shouldSendFromTheLowerOffsetOfTwoRewinds() {
    List<Published> all = publish("rewind/twice", 20);
    LoneSession lone = new LoneSession(servers, 4);
    SessionFeed subscription = live(lone, all.subList(0, 4));
    acknowledgeUntil(lone, 4);
    push(subscription, all.subList(4, 20));
    acknowledgeUntil(lone, 20);
    acknowledgeAll(lone);

    rewind(subscription, all.get(10), all.get(19));
    runUntil(lone, () -> lone.sent.size() >= 24); // the window is full with 10 to 13
    rewind(subscription, all.get(5), all.get(12));
    acknowledgeUntil(lone, 20 + 4 + 15);

    assertThat(lone.sent).isEqualTo(offsets(all, all.subList(10, 14), all.subList(5, 20)));
  }

  @Test
  void shouldIgnoreARewindThatIsNotForTheSubscription() {
    List<Published> all = publish("rewind/others", 5);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = live(lone, all);
    long from = all.getFirst().offset();
    long through = all.getLast().offset();
    int partition = subscription.feed().partition();

    PlayedConsumer.rewind(subscription.feed(), new Rewind(partition, from, through, 1, "another"));
    PlayedConsumer.rewind(subscription.feed(), new Rewind(partition, from, through, 0, ""));
    PlayedConsumer.rewind(
        subscription.feed(), new Rewind(partition, through + 1, through + 9, 1, ""));
    subscription.options(subscription.feed().name(), SubscriptionOptions.of(0));
    rewind(subscription, all.getFirst(), all.getLast());
    subscription.options(subscription.feed().name(), SubscriptionOptions.of(1));
    lone.loop.run();
    List<Published> next = publish("rewind/others", 1);
    push(subscription, next);
    runUntil(lone, () -> lone.sent.size() >= 6);
    assertThat(lone.sent).isEqualTo(offsets(all, next));

    // But a rewind for this client takes effect
    PlayedConsumer.rewind(subscription.feed(), new Rewind(partition, from, through, 1, "lone"));
    runUntil(lone, () -> lone.sent.size() >= 11);
    assertThat(lone.sent).isEqualTo(offsets(all, next, all));
  }

  @Test
  void shouldRewindASubscriptionThatIsActivatedLater() {
    List<Published> all = publish("rewind/activating", 10);
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach("rewind/activating", all.get(7).offset());

    rewind(subscription, all.get(4), all.get(9));
    PlayedConsumer.activate(subscription.feed(), all.get(7).offset());
    runUntil(lone, () -> lone.sent.size() >= 4);
    push(subscription, all.subList(8, 10));
    runUntil(lone, () -> lone.sent.size() >= 6);

    assertThat(lone.sent).isEqualTo(offsets(all.subList(4, 10)));
  }

  /** A live subscription to which all these messages were pushed. */
  private static SessionFeed live(LoneSession lone, List<Published> all) {
    long before = all.getFirst().offset() - 1;
    SessionFeed subscription = lone.attach(all.getFirst().address(), before);
    PlayedConsumer.activate(subscription.feed(), before);
    push(subscription, all);
    assertThat(lone.sent).isEqualTo(offsets(all));
    return subscription;
  }

  private static void rewind(SessionFeed subscription, Published from, Published through) {
    var address = subscription.feed();
    PlayedConsumer.rewind(
        address, new Rewind(address.partition(), from.offset(), through.offset(), 1, ""));
  }

  private static void push(SessionFeed subscription, List<Published> messages) {
    messages.forEach(each -> PlayedConsumer.push(subscription.feed(), each.offset(), each.value()));
  }

  private static void acknowledgeAll(LoneSession lone) {
    List.copyOf(lone.packetIds).forEach(lone.session::acknowledge);
    lone.packetIds.clear();
  }

  private static void acknowledgeUntil(LoneSession lone, int count) {
    runUntil(
        lone,
        () -> {
          while (lone.sent.size() < count && !lone.packetIds.isEmpty()) {
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

  @SafeVarargs
  private static List<Long> offsets(List<Published>... parts) {
    List<Long> offsets = new ArrayList<>();
    for (List<Published> part : parts) {
      part.forEach(each -> offsets.add(each.offset()));
    }
    return offsets;
  }
}
