// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.control.ControlWriter;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.Location;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** How the connector handles the records that routers, current or stale, write to its topic. */
@ExtendWith(Servers.Extension.class)
class ActivationTest {

  private static Servers servers;
  private static Station station;
  private static PlayedRouter router;

  @BeforeAll
  static void start(Servers shared) {
    servers = shared;
    station = Station.start(shared);
    router = station.router();
  }

  @AfterAll
  static void stop() {
    station.close();
  }

  @Test
  void shouldAcknowledgeASubscriptionOnlyWhenTheRouterHasAnswered() {
    String address = "activation/suback";
    try (Client client = station.connect(connect5("suback"))) {
      client.subscribe(1, address);
      Location location = router.awaitLocation(address, 1);
      assertThat(location.getPresent()).isTrue();
      client.expectNothingElse();

      // A message that is routed before the activation does not acknowledge it either.
      Published early = router.publish(address, "early");
      long deliveries = station.connector().metrics().deliveries.sum();
      router.route(location, early);
      Awaitility.await().until(() -> station.connector().metrics().deliveries.sum() > deliveries);
      client.expectNothingElse();

      router.activate(address, location, early.offset());
      assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(1);
      Published later = router.publish(address, "later");
      router.route(location, later);
      assertThat(client.next(MqttMessageType.PUBLISH).payload()).isEqualTo("later");
    }
  }

  @Test
  void shouldAcknowledgeWhenAllAddressesOfASubscribeAreLive() {
    try (Client client = station.connect(connect5("suback-all"))) {
      client.send(
          Wire.subscribe5(
              3,
              Wire.filter("activation/all-1", 0),
              Wire.filter("activation/all-2", 1),
              Wire.filter("activation/all-3", 2)));
      router.activateAtEnd("activation/all-3", 1);
      router.activateAtEnd("activation/all-1", 1);
      client.expectNothingElse();

      router.activateAtEnd("activation/all-2", 1);

      assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(0, 1, 1);
    }
  }

  @Test
  void shouldNotAskTheRouterAgainForAnAddressThatIsLive() {
    String address = "activation/shared";
    try (Client first = station.connect(connect5("shared-1"));
        Client second = station.connect(connect5("shared-2"))) {
      first.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      first.next(MqttMessageType.SUBACK);
      int announced = router.announcements(address).size();

      second.subscribe(1, address);
      second.next(MqttMessageType.SUBACK);

      router.route(location, router.publish(address, "both"));
      assertThat(first.next(MqttMessageType.PUBLISH).payload()).isEqualTo("both");
      assertThat(second.next(MqttMessageType.PUBLISH).payload()).isEqualTo("both");
      assertThat(router.announcements(address)).hasSize(announced);
    }
    assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
  }

  @Test
  void shouldNotLoseAMessageRoutedBeforeTheActivationOfAResumedSession() {
    String address = "activation/early";
    subscribeAndLeave("early", address);
    Published missed = router.publish(address, "missed");
    Published pushed = router.publish(address, "pushed");

    try (Client client = station.connect(resume5("early"))) {
      Location location = router.awaitLocation(address, 3);
      router.route(location, pushed);
      router.activate(address, location, missed.offset());

      assertThat(client.takePayloads(2)).containsExactly("missed", "pushed");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldDropDeliveriesAtOrBelowThePositionSeen() {
    String address = "activation/repeat";
    try (Client client = station.connect(connect5("repeat"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      List<Published> published = router.publishNumbered(address, 0, 5);

      router.route(location, published.get(0));
      router.route(location, published.get(1));
      router.route(location, published.get(1));
      router.route(location, published.get(0));
      router.route(location, published.get(2));
      // A restarted router routes again from an earlier position.
      published.forEach(each -> router.route(location, each));

      assertThat(client.takePayloads(5)).containsExactly("0", "1", "2", "3", "4");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotSendMessagesSeenBeforeToANewSubscriberWhenARouterRepeatsThem() {
    String address = "activation/repeat-new";
    try (Client first = station.connect(connect5("repeat-1"));
        Client second = station.connect(connect5("repeat-2"))) {
      first.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      first.next(MqttMessageType.SUBACK);
      List<Published> published = router.publishNumbered(address, 0, 3);
      published.forEach(each -> router.route(location, each));
      router.route(location, published.get(0));
      assertThat(first.takePayloads(3)).containsExactly("0", "1", "2");
      awaitRepeated(1);

      second.subscribe(1, address);
      second.next(MqttMessageType.SUBACK);
      router.route(location, published.get(1));
      router.route(location, published.get(2));
      router.route(location, router.publish(address, "3"));

      assertThat(second.takePayloads(1)).containsExactly("3");
      assertThat(first.takePayloads(1)).containsExactly("3");
    }
  }

  @Test
  void shouldIgnoreADeliveryOfAnActivationThatIsOver() {
    String address = "activation/stale";
    try (Client client = station.connect(connect5("stale"))) {
      client.subscribe(1, address);
      Location old = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.unsubscribe5(2, address));
      client.next(MqttMessageType.UNSUBACK);
      client.subscribe(3, address);
      Location current = router.awaitLocation(address, 3);
      assertThat(current.getActivation()).isGreaterThan(old.getActivation());

      // A router that was frozen continues with the old location: its activation does not count,
      // and its message does not raise the position seen.
      router.activate(address, old, router.head(address));
      Published first = router.publish(address, "first");
      Published second = router.publish(address, "second");
      router.route(old, second);
      client.expectNothingElse();

      router.activate(address, current, first.offset() - 1);
      client.next(MqttMessageType.SUBACK);
      router.route(old, second);
      router.route(current, first);
      router.route(current, second);
      assertThat(client.takePayloads(2)).containsExactly("first", "second");
      assertThat(station.connector().metrics().deliveriesStale.sum()).isPositive();
    }
  }

  @Test
  void shouldIgnoreADeliveryToAnotherIncarnation() {
    String address = "activation/incarnation";
    try (Client client = station.connect(connect5("incarnation"))) {
      client.subscribe(1, address);
      Location location = router.awaitLocation(address, 1);
      Location earlier = Location.newBuilder(location).build();
      earlier.setIncarnation(location.getIncarnation() - 1);
      router.activate(address, earlier, 1_000_000);
      client.expectNothingElse();

      router.activate(address, location, router.head(address));
      client.next(MqttMessageType.SUBACK);
      Published message = router.publish(address, "message");
      router.route(earlier, message, message.offset() + 1_000);
      router.route(location, message);

      assertThat(client.takePayloads(1)).containsExactly("message");
    }
  }

  @Test
  void shouldReadTheTimelineWhenAnActivationIsRepeatedWithAHigherHead() {
    String address = "activation/check";
    try (Client client = station.connect(connect5("check"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      router.route(location, router.publish(address, "0"));
      // These messages were routed by a router that died before it sent the records.
      List<Published> lost = router.publishNumbered(address, 1, 4);

      router.activate(address, location, lost.getLast().offset());
      assertThat(client.takePayloads(4)).containsExactly("0", "1", "2", "3");

      router.route(location, router.publish(address, "4"));
      assertThat(client.takePayloads(1)).containsExactly("4");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldIgnoreARepeatedActivationWithoutAHigherHead() {
    String address = "activation/again";
    try (Client client = station.connect(connect5("again"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      Published message = router.publish(address, "0");
      router.route(location, message);
      router.activate(address, location, message.offset() - 1);
      router.activate(address, location, message.offset());
      router.route(location, router.publish(address, "1"));

      assertThat(client.takePayloads(2)).containsExactly("0", "1");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldResumeASubscriptionOfAPartitionThatWasEmpty() {
    // The head of an empty partition is -1, so the cursor of a subscription to it is -1, too.
    String address = "activation/empty";
    try (Client client = station.connect(resume5("empty"))) {
      client.subscribe(1, address);
      router.activate(address, router.awaitLocation(address, 1), -1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.disconnect()).awaitClosed();
    }
    router.publishNumbered(address, 0, 2);

    try (Client client = station.connect(resume5("empty"))) {
      router.activateAtEnd(address, 3);

      assertThat(client.takePayloads(2)).containsExactly("0", "1");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldSkipARecordThatCannotBeDecoded() {
    String address = "activation/malformed";
    try (Client client = station.connect(connect5("malformed"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      long bad = router.publish(address, "bad").offset();
      router.route(location, new Published(address, bad, new byte[] {1, 2, 3}), bad);
      router.route(location, router.publish(address, "good"));

      assertThat(client.takePayloads(1)).containsExactly("good");
    }
  }

  @Test
  void shouldSkipAMessageWithoutValue() {
    String address = "activation/tombstone";
    try (Client client = station.connect(connect5("tombstone"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      Published bad = router.publish(address, "bad");
      router.deliver(
          address,
          new DeliveryHeader.Routed(
              Servers.TOPICS.feeds().partitionOf(address),
              bad.offset(),
              location.getIncarnation(),
              location.getActivation()),
          null);
      router.route(location, router.publish(address, "good"));

      assertThat(client.takePayloads(1)).containsExactly("good");
    }
  }

  @Test
  void shouldWithdrawALocationThatTheRouterDoesNotActivateInTime() {
    String address = "activation/unanswered";
    try (Station hasty = Station.start(servers, Station.limits(Duration.ofMillis(200)));
        Client client = hasty.connect(connect5("unanswered"))) {
      client.subscribe(1, address);

      assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(0x83);
      Location withdrawn = hasty.router().awaitLocation(address, 2);
      assertThat(withdrawn.getPresent()).isFalse();
      assertThat(hasty.connector().feedCount()).isZero();
    }
  }

  @Test
  void shouldAnnounceAgainALocationThatTheRouterDoesNotActivate() {
    String address = "activation/announced-again";
    try (Client client = station.connect(connect5("announced-again"))) {
      client.subscribe(1, address);
      Location first = router.awaitLocation(address, 1);

      assertThat(router.awaitAnnouncements(address, 2)).isEqualTo(first);
      // A check is sent as well, because a router does not answer the announcement of a row that is
      // right: so also a lost answer is repeated.
      Location check = router.awaitCheck(address);
      assertThat(check.getActivation()).isZero();
      assertThat(check.getConnectorId()).isEqualTo(first.getConnectorId());
      router.activate(address, first, router.head(address));
      client.next(MqttMessageType.SUBACK);
    }
  }

  @Test
  void shouldWriteOneLineForAllAddressesThatAreAnnouncedAgain() {
    List<String> addresses =
        IntStream.range(0, 20).mapToObj(each -> "activation/again-in-one-line-" + each).toList();
    Logger logger = (Logger) LoggerFactory.getLogger(ControlWriter.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try (Client client = station.connect(connect5("again-in-one-line"))) {
      client.send(
          Wire.subscribe5(
              3, addresses.stream().map(each -> Wire.filter(each, 1)).toArray(byte[][]::new)));
      addresses.forEach(each -> router.awaitAnnouncements(each, 2));
      client.expectNothingElse();
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(null);
    }

    assertThat(lines.list).hasSizeBetween(1, addresses.size() / 2);
    assertThat(lines.list)
        .noneMatch(line -> line.getFormattedMessage().contains("activation/"))
        .allMatch(line -> line.getFormattedMessage().contains(" count="));
  }

  @Test
  void shouldAnnounceEveryLiveAddressAgainAndReadMessagesThatADamagedRowMissed() {
    String address = "activation/refreshed";
    try (Station refreshing = Station.refreshing(servers, Duration.ofMillis(500));
        Client client = refreshing.connect(connect5("refreshed"))) {
      PlayedRouter its = refreshing.router();
      client.subscribe(1, address);
      Location location = its.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      List<Published> missed = its.publishNumbered(address, 0, 3);
      int announced = its.announcements(address).size();

      assertThat(its.awaitAnnouncements(address, announced + 1)).isEqualTo(location);
      its.activate(address, location, missed.getLast().offset());

      assertThat(client.takePayloads(3)).containsExactly("0", "1", "2");
      its.route(location, its.publish(address, "3"));
      assertThat(client.takePayloads(1)).containsExactly("3");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldAnnounceAgainAtOnceWhenARouterUsesAnOlderRow() {
    String address = "activation/older-row";
    try (Client client = station.connect(connect5("older-row"))) {
      client.subscribe(1, address);
      Location old = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.unsubscribe5(2, address));
      client.next(MqttMessageType.UNSUBACK);
      client.subscribe(3, address);
      Location current = router.activateAtEnd(address, 3);
      client.next(MqttMessageType.SUBACK);

      List<Published> missed = router.publishNumbered(address, 0, 3);
      int announced = router.announcements(address).size();
      missed.forEach(each -> router.route(old, each));
      assertThat(router.awaitAnnouncements(address, announced + 1)).isEqualTo(current);
      router.activate(address, current, missed.getLast().offset());

      assertThat(client.takePayloads(3)).containsExactly("0", "1", "2");
      router.route(current, router.publish(address, "3"));
      assertThat(client.takePayloads(1)).containsExactly("3");
      // One announcement for the three deliveries of the older row.
      assertThat(router.announcements(address)).hasSize(announced + 1);
    }
  }

  @Test
  void shouldApplyARewindOnlyOfThePartitionOfTheAddress() {
    String address = "activation/rewind";
    int partition = Servers.TOPICS.feeds().partitionOf(address);
    try (Client client = station.connect(connect5("rewind"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      List<Published> published = router.publishNumbered(address, 0, 2);
      long first = published.getFirst().offset();
      router.route(location, published.getFirst());
      assertThat(client.takePayloads(1)).containsExactly("0");

      router.deliver(address, rewind(partition + 1, first), null);
      router.route(location, published.getLast());
      assertThat(client.takePayloads(1)).containsExactly("1");
      client.expectNothingElse();

      router.deliver(address, rewind(partition, first), null);
      assertThat(client.takePayloads(1)).containsExactly("0");
    }
  }

  private static DeliveryHeader rewind(int partition, long offset) {
    return new DeliveryHeader.Rewind(partition, offset, offset, Long.MAX_VALUE, "");
  }

  /** Leaves a persistent session that is subscribed to the address. */
  private static void subscribeAndLeave(String clientId, String address) {
    try (Client client = station.connect(resume5(clientId))) {
      client.subscribe(1, address);
      router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.disconnect()).awaitClosed();
    }
    assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
  }

  private static void awaitRepeated(long count) {
    Awaitility.await().until(() -> station.connector().metrics().deliveriesRepeated.sum() >= count);
  }
}
