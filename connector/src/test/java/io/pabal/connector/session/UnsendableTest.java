// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.UnsendableMessages;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.Message;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A record in {@code messages} that cannot be sent to any client is skipped on each path to a
 * client: push, timeline, Kafka ({@code HistoryCatchUpTest}) and rewind.
 */
@ExtendWith(Servers.Extension.class)
class UnsendableTest {

  private static Servers servers;
  private static PlayedRouter publisher;

  @BeforeAll
  static void start(Servers shared) {
    servers = shared;
    publisher = new PlayedRouter(shared, "unsendable");
  }

  @AfterAll
  static void stop() {
    publisher.close();
  }

  @Test
  void shouldSkipPushedMessagesAndReportThemOnce() {
    List<Published> all = publishWithUnsendable("unsendable/pushed");
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach("unsendable/pushed", all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.getFirst().offset() - 1);
    // Another subscriber of the connector receives the same messages.
    SessionFeed beside = lone.subscribe("unsendable/pushed", all.getFirst().offset() - 1);
    subscription.feed().add(0, beside);
    PlayedConsumer.activate(subscription.feed(), all.getFirst().offset() - 1);

    all.forEach(each -> PlayedConsumer.push(subscription.feed(), each.offset(), each.value()));

    expectSkipped(lone, subscription, all, 2);
  }

  @Test
  void shouldSkipMessagesFromTheTimeline() {
    List<Published> all = publishWithUnsendable("unsendable/timeline");
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach("unsendable/timeline", all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.getLast().offset());
    lone.loop.runUntil(() -> subscription.sent() == all.getLast().offset());

    expectSkipped(lone, subscription, all, 1);
  }

  @Test
  void shouldSkipMessagesInARepeat() {
    List<Published> all = publishWithUnsendable("unsendable/again");
    LoneSession lone = new LoneSession(servers);
    SessionFeed subscription = lone.attach("unsendable/again", all.getFirst().offset() - 1);
    PlayedConsumer.activate(subscription.feed(), all.getFirst().offset() - 1);
    all.forEach(each -> PlayedConsumer.push(subscription.feed(), each.offset(), each.value()));

    int partition = subscription.feed().partition();
    PlayedConsumer.rewind(
        subscription.feed(),
        new Rewind(partition, all.getFirst().offset(), all.getLast().offset(), 1, ""));
    lone.loop.runUntil(() -> lone.sent.size() == 4 && !subscription.isRepeating());

    expectSkipped(lone, subscription, all, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unsendable/\n", "unsendable/+", "unsendable/#"})
  void shouldSkipAllMessagesOfAnAddressThatIsNoTopicName(String address) {
    List<Published> all = publisher.publishNumbered(address, 0, 3);
    LoneSession lone = new LoneSession(servers);
    // An earlier release may have stored such a subscription.
    SessionFeed subscription = lone.attach(address, all.getFirst().offset() - 1);

    PlayedConsumer.activate(subscription.feed(), all.getFirst().offset() - 1);
    all.forEach(each -> PlayedConsumer.push(subscription.feed(), each.offset(), each.value()));

    assertThat(lone.sent).isEmpty();
    assertThat(subscription.cursor()).isEqualTo(all.getLast().offset());
    assertThat(lone.metrics.unsendable.sum()).isEqualTo(3);
    assertThat(lone.events).hasSize(3);
    assertThat(lone.ended).isEmpty();
  }

  @Test
  void shouldRememberTheReportedPositions() {
    RecentPositions positions = new RecentPositions();
    for (int i = 0; i < RecentPositions.POSITIONS_MAX; i++) {
      assertThat(positions.add(1, i)).isTrue();
    }

    assertThat(positions.add(1, 0)).isFalse();
    assertThat(positions.add(2, 0)).isTrue();
  }

  /** Publishes one message of each unsendable kind between two sendable messages. */
  private static List<Published> publishWithUnsendable(String address) {
    List<Message> messages = new ArrayList<>();
    messages.add(PlayedRouter.message(address, "before").build());
    messages.addAll(UnsendableMessages.to(address).values());
    messages.add(PlayedRouter.message(address, "after").build());
    return publisher.publishAll(messages);
  }

  private static void expectSkipped(
      LoneSession lone, SessionFeed subscription, List<Published> all, int times) {
    List<Long> offsets = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      offsets.add(all.getFirst().offset());
      offsets.add(all.getLast().offset());
    }
    assertThat(lone.ended).isEmpty();
    assertThat(lone.sent).containsExactlyInAnyOrderElementsOf(offsets);
    List.copyOf(lone.packetIds).forEach(lone.session::acknowledge);
    assertThat(subscription.cursor()).isEqualTo(all.getLast().offset());

    Map<String, Message> faults = UnsendableMessages.to("t");
    assertThat(lone.metrics.unsendable.sum()).isEqualTo(faults.size());
    assertThat(lone.events).hasSize(faults.size());
    for (int i = 0; i < faults.size(); i++) {
      SessionEvent event = lone.events.get(i);
      assertThat(event.getKind()).isEqualTo(SessionEventKind.GAP);
      assertThat(event.getClientId()).as("it concerns all sessions").isEmpty();
      assertThat(event.getReason()).startsWith("unsendable: ");
      assertThat(event.getGapFrom()).isEqualTo(all.get(i + 1).offset());
      assertThat(event.getGapThrough()).isEqualTo(all.get(i + 1).offset());
      assertThat(event.getSubscriptions().getFirst().getAddress())
          .isEqualTo(subscription.feed().name());
    }
  }
}
