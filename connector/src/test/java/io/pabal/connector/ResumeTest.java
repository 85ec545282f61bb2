// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sessions that outlive their connection. */
@ExtendWith(Servers.Extension.class)
class ResumeTest {

  private static Station station;
  private static PlayedRouter router;

  @BeforeAll
  static void start(Servers servers) {
    station = Station.start(servers);
    router = station.router();
  }

  @AfterAll
  static void stop() {
    station.close();
  }

  @Test
  void shouldSendMissedMessagesBeforeLiveMessages() {
    String address = "resume/missed";
    subscribeAndLeave("missed", address);
    List<Published> missed = router.publishNumbered(address, 0, 300);

    try (Client client = resume("missed")) {
      Location location = router.awaitLocation(address, 3);
      router.activate(address, location, missed.getLast().offset());
      List<Published> live = router.publishNumbered(address, 300, 320);
      live.forEach(each -> router.route(location, each));

      assertThat(client.takePayloads(320)).isEqualTo(numbers(0, 320));
      client.expectNothingElse();
    }
  }

  @Test
  void shouldSendUnacknowledgedMessagesAgain() {
    String address = "resume/unacknowledged";
    Location location;
    List<Integer> packetIds = new ArrayList<>();
    try (Client client = station.connect(resume5("unacknowledged"))) {
      client.subscribe(1, address);
      location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      for (Published each : router.publishNumbered(address, 0, 10)) {
        router.route(location, each);
      }
      for (int i = 0; i < 10; i++) {
        packetIds.add(client.next(MqttMessageType.PUBLISH).packetId());
      }
      // Acknowledges 0 to 3, out of order, and 6.
      for (int i : new int[] {2, 0, 6, 3, 1}) {
        client.send(Wire.pubAck(packetIds.get(i)));
      }
      client.expectNothingElse();
      // Closing the client closes the socket without DISCONNECT.
    }
    assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();

    try (Client client = resume("unacknowledged")) {
      location = router.activateAtEnd(address, 3);

      // The packet identifiers stay the same (MQTT 5, 4.4); 6 is not sent again, because its PUBACK
      // was received.
      for (int i : new int[] {4, 5, 7, 8, 9}) {
        Packet packet = client.next(MqttMessageType.PUBLISH);
        assertThat(packet.payload()).isEqualTo(Integer.toString(i));
        assertThat(packet.packetId()).isEqualTo(packetIds.get(i));
        assertThat(packet.duplicate()).isTrue();
      }
      client.expectNothingElse();
      for (int i : new int[] {4, 5, 7, 8, 9}) {
        client.send(Wire.pubAck(packetIds.get(i)));
      }
      router.route(location, router.publish(address, "10"));
      Packet packet = client.next(MqttMessageType.PUBLISH);
      assertThat(packet.payload()).isEqualTo("10");
      assertThat(packet.duplicate()).isFalse();
    }
  }

  @Test
  void shouldObeyASmallerReceiveMaximumWhenSendingAgain() {
    String address = "resume/smaller";
    leaveUnacknowledged("smaller", address, 10);

    try (Client client = station.open().send(resume5("smaller", Wire.receiveMaximum(2)))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      Location location = router.activateAtEnd(address, 3);
      router.route(location, router.publish(address, "10"));
      for (int i = 0; i < 5; i++) {
        List<Packet> two =
            List.of(client.next(MqttMessageType.PUBLISH), client.next(MqttMessageType.PUBLISH));
        client.expectNothingElse();
        assertThat(two)
            .extracting(Packet::payload)
            .containsExactly(Integer.toString(2 * i), Integer.toString(2 * i + 1));
        assertThat(two).allMatch(Packet::duplicate);
        two.forEach(packet -> client.send(Wire.pubAck(packet.packetId())));
      }
      assertThat(client.next(MqttMessageType.PUBLISH).duplicate()).isFalse();
    }
  }

  @Test
  void shouldGoOnWhenInFlightMessagesAreUnsubscribed() {
    String address = "resume/unwanted";
    String other = "resume/unwanted-other";
    try (Client client = station.connect(resume5("unwanted"))) {
      client.send(Wire.subscribe5(1, filter(address, 1), filter(other, 1)));
      Location location = router.activateAtEnd(address, 1);
      router.activateAtEnd(other, 1);
      client.next(MqttMessageType.SUBACK);
      router.publishNumbered(address, 0, 3).forEach(each -> router.route(location, each));
      client.payloads(3);
    }

    try (Client client = resume("unwanted")) {
      // UNSUBSCRIBE is sent before the router has answered: the messages that wait to be sent again
      // are dropped with their subscription.
      client.send(Wire.unsubscribe5(2, address));
      client.next(MqttMessageType.UNSUBACK);
      Location location = router.activateAtEnd(other, 3);
      router.routeAll(location, router.publishNumbered(other, 0, 2_000));
      assertThat(client.takePayloads(2_000)).isEqualTo(numbers(0, 2_000));
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = resume("unwanted")) {
      router.activateAtEnd(other, 5);
      client.expectNothingElse();
    }
  }

  @Test
  void shouldSendAgainToAnMqtt311Client() {
    String address = "resume/again-311";
    int packetId;
    try (Client client = station.connect(connect311("again-311", false))) {
      client.send(Wire.subscribe311(1, filter(address, 1)));
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      router.route(location, router.publish(address, "again"));
      packetId = client.next(MqttMessageType.PUBLISH).packetId();
    }
    assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();

    try (Client client = station.open().send(connect311("again-311", false))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      router.activateAtEnd(address, 3);
      Packet packet = client.next(MqttMessageType.PUBLISH);
      assertThat(packet.packetId()).isEqualTo(packetId);
      assertThat(packet.duplicate()).isTrue();
    }
  }

  @Test
  void shouldSendThePositionOfEachMessageToAClientThatAsks() {
    String address = "resume/positions";
    try (Client client =
            station.connect(resume5("asks", Wire.userProperty("pabal-positions", "on")));
        Client other = station.connect(resume5("does-not-ask"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      other.subscribe(1, address);
      other.next(MqttMessageType.SUBACK);
      Published published = router.publish(address, "where");
      router.route(location, published);

      assertThat(client.next(MqttMessageType.PUBLISH).user("pabal-position"))
          .isEqualTo(Servers.TOPICS.feeds().partitionOf(address) + ":" + published.offset());
      assertThat(other.next(MqttMessageType.PUBLISH).properties().listAll()).isEmpty();
    }
  }

  @Test
  void shouldNotSendAcknowledgedMessagesAgain() {
    String address = "resume/acknowledged";
    try (Client client = station.connect(resume5("acknowledged"))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      router.publishNumbered(address, 0, 10).forEach(each -> router.route(location, each));
      assertThat(client.takePayloads(10)).isEqualTo(numbers(0, 10));
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = resume("acknowledged")) {
      Location location = router.activateAtEnd(address, 3);
      Published next = router.publish(address, "10");
      router.route(location, next);

      assertThat(client.takePayloads(1)).containsExactly("10");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldResumeEveryAddressFromItsOwnCursor() {
    List<String> addresses = List.of("resume/each-1", "resume/each-2", "resume/each-3");
    try (Client client = station.connect(resume5("each"))) {
      client.send(
          Wire.subscribe5(
              1,
              filter(addresses.get(0), 1),
              filter(addresses.get(1), 1),
              filter(addresses.get(2), 1)));
      addresses.forEach(address -> router.activateAtEnd(address, 1));
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.disconnect()).awaitClosed();
    }
    for (int i = 0; i < 50; i++) {
      for (String address : addresses) {
        router.publish(address, address + i);
      }
    }

    try (Client client = resume("each")) {
      addresses.forEach(address -> router.activateAtEnd(address, 3));

      List<String> received = client.takePayloads(150);
      for (String address : addresses) {
        assertThat(received.stream().filter(each -> each.startsWith(address)))
            .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> address + i).toList());
      }
      client.expectNothingElse();
    }
  }

  @Test
  void shouldResumeAnMqtt311Session() {
    String address = "resume/311";
    try (Client client = station.connect(connect311("resume-311", false))) {
      client.send(Wire.subscribe311(1, filter(address, 1)));
      router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.disconnect()).awaitClosed();
    }
    router.publishNumbered(address, 0, 20);

    try (Client client = station.open().send(connect311("resume-311", false))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      router.activateAtEnd(address, 3);
      assertThat(client.takePayloads(20)).isEqualTo(numbers(0, 20));
    }
  }

  @Test
  void shouldForgetASessionThatCleanStartReplaced() {
    String address = "resume/clean";
    subscribeAndLeave("clean", address);

    try (Client client = station.open().send(connect5("clean"))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isFalse();
      client.send(Wire.disconnect()).awaitClosed();
    }
    try (Client client = station.open().send(resume5("clean"))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isFalse();
      client.expectNothingElse();
    }
    assertThat(router.locations(address)).hasSize(2);
  }

  @Test
  void shouldForgetASessionThatIsEndedByDisconnect() {
    String address = "resume/ended";
    try (Client client = station.connect(resume5("ended"))) {
      client.subscribe(1, address);
      router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client
          .send(Wire.packet(0xE0, Wire.bytes(0), Wire.properties(Wire.sessionExpiry(0))))
          .awaitClosed();
    }

    try (Client client = station.open().send(resume5("ended"))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isFalse();
    }
  }

  @Test
  void shouldAskForANewActivationWhenSubscribedAgain() {
    String address = "resume/resubscribe";
    try (Client client = station.connect(resume5("resubscribe"))) {
      client.subscribe(1, address);
      Location first = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      router.route(first, router.publish(address, "subscribed"));
      assertThat(client.takePayloads(1)).containsExactly("subscribed");

      client.send(Wire.unsubscribe5(2, address));
      assertThat(client.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0);
      Location withdrawn = router.awaitLocation(address, 2);
      assertThat(withdrawn.getPresent()).isFalse();
      assertThat(withdrawn.getActivation()).isEqualTo(first.getActivation());
      router.route(first, router.publish(address, "unsubscribed"));

      client.subscribe(3, address);
      Location second = router.activateAtEnd(address, 3);
      assertThat(second.getActivation()).isGreaterThan(first.getActivation());
      client.next(MqttMessageType.SUBACK);
      router.route(second, router.publish(address, "subscribed again"));
      assertThat(client.takePayloads(1)).containsExactly("subscribed again");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotResumeAnUnsubscribedAddress() {
    String address = "resume/unsubscribed";
    try (Client client = station.connect(resume5("unsubscribed"))) {
      client.subscribe(1, address);
      router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.unsubscribe5(2, address));
      client.next(MqttMessageType.UNSUBACK);
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = resume("unsubscribed")) {
      client.expectNothingElse();
      assertThat(router.locations(address)).hasSize(2);
    }
  }

  @Test
  void shouldNotResumeAnAddressUnsubscribedWhileItsSubscribeWaited() {
    String gone = "resume/withdrawn-gone";
    String kept = "resume/withdrawn-kept";
    try (Client client = station.connect(resume5("withdrawn"))) {
      client.send(Wire.subscribe5(1, filter(gone, 1), filter(kept, 1)));
      router.activateAtEnd(gone, 1);
      router.awaitLocation(kept, 1);
      client.send(Wire.unsubscribe5(2, gone));
      assertThat(client.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0);
      router.activateAtEnd(kept, 1);
      Packet subAck = client.next(MqttMessageType.SUBACK);
      assertThat(subAck.codes().get(1)).isEqualTo(1);
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = resume("withdrawn")) {
      assertThat(router.awaitLocation(kept, 3).getPresent()).isTrue();
      client.expectNothingElse();
      assertThat(router.locations(gone)).hasSize(2);
    }
  }

  @Test
  void shouldReplaceTheOptionsOfASubscription() {
    String address = "resume/options";
    try (Client client = station.connect(resume5("options"))) {
      client.send(Wire.subscribe5(1, filter(address, 1)));
      router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.subscribe5(2, filter(address, 0)));
      assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(0);
      client.send(Wire.disconnect()).awaitClosed();
    }
    router.publish(address, "missed, and at QoS 0 not looked for");

    try (Client client = resume("options")) {
      Location location = router.activateAtEnd(address, 3);
      router.route(location, router.publish(address, "live"));

      Packet packet = client.next(MqttMessageType.PUBLISH);
      assertThat(packet.payload()).isEqualTo("live");
      assertThat(packet.qos()).isZero();
    }
  }

  @Test
  void shouldResumeOnTheNextIncarnationOfTheConnector(Servers servers) {
    String address = "resume/restart";
    try (Station restarted = Station.start(servers)) {
      Location before;
      try (Client client = restarted.connect(resume5("restart"))) {
        client.subscribe(1, address);
        before = restarted.router().activateAtEnd(address, 1);
        client.next(MqttMessageType.SUBACK);
        restarted.router().route(before, restarted.router().publish(address, "0"));
        client.takePayloads(1);

        restarted.restart();
        assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x9C);
        client.awaitClosed();
      }
      restarted.router().publishNumbered(address, 1, 4);

      try (Client client = restarted.open().send(resume5("restart"))) {
        assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
        Location after = restarted.router().awaitLocation(address, 3);
        assertThat(after.getPresent()).isTrue();
        assertThat(after.getIncarnation()).isGreaterThan(before.getIncarnation());
        restarted.router().activate(address, after, restarted.router().head(address));
        assertThat(client.takePayloads(3)).isEqualTo(numbers(1, 4));
        client.expectNothingElse();
      }
    }
  }

  private static Client resume(String clientId) {
    Client client = station.open().send(resume5(clientId));
    assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
    return client;
  }

  private static void subscribeAndLeave(String clientId, String address) {
    try (Client client = station.connect(resume5(clientId))) {
      client.subscribe(1, address);
      router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      client.send(Wire.disconnect()).awaitClosed();
    }
    assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
  }

  private static void leaveUnacknowledged(String clientId, String address, int messages) {
    try (Client client = station.connect(resume5(clientId))) {
      client.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      client.next(MqttMessageType.SUBACK);
      router.publishNumbered(address, 0, messages).forEach(each -> router.route(location, each));
      client.payloads(messages);
    }
    assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }
}
