// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two connections of one client identifier: the later one gets the session, the other one ends. */
@ExtendWith(Servers.Extension.class)
class TakeoverTest {

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
  void shouldCarryTheCursorsOverToTheNewConnection() {
    String address = "takeover/cursors";
    try (Client old = station.connect(resume5("cursors"))) {
      Location location = subscribe(old, address);
      router.publishNumbered(address, 0, 10).forEach(each -> router.route(location, each));
      List<Packet> packets = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        packets.add(old.next(MqttMessageType.PUBLISH));
      }
      // The PUBACKs are so late that a checkpoint may not have written their cursors.
      packets.subList(0, 6).forEach(packet -> old.send(Wire.pubAck(packet.packetId())));
      old.expectNothingElse();

      try (Client taker = station.open().send(resume5("cursors"))) {
        assertThat(taker.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
        Packet disconnect = old.next(MqttMessageType.DISCONNECT);
        assertThat(disconnect.code()).isEqualTo(0x8E);
        assertThat(disconnect.reason()).isNotEmpty();
        old.awaitClosed();

        router.activateAtEnd(address, 3);
        assertThat(taker.takePayloads(4)).isEqualTo(numbers(6, 10));
        taker.expectNothingElse();
      }
    }
  }

  @Test
  void shouldCloseAnMqtt311ConnectionWithoutPacket() {
    try (Client old = station.connect(connect311("old-311", true));
        Client taker = station.connect(connect311("old-311", true))) {
      old.awaitClosed();
      assertThat(old.poll(0)).isNull();
      assertThat(taker.isOpen()).isTrue();
    }
  }

  @Test
  void shouldDropTheSessionThatCleanStartTakesOver() {
    String address = "takeover/clean";
    try (Client old = station.connect(resume5("clean-taker"))) {
      subscribe(old, address);
      try (Client taker = station.open().send(connect5("clean-taker"))) {
        assertThat(taker.next(MqttMessageType.CONNACK).sessionPresent()).isFalse();
        assertThat(old.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
        assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
        taker.expectNothingElse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 30})
  void shouldLeaveOneConnectionWhenManyConnectAtOnce(int clients) {
    String clientId = "many-" + clients;
    List<Client> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(station.open());
    }
    try {
      all.forEach(client -> client.send(resume5(clientId)));

      Awaitility.await()
          .atMost(Client.PATIENCE)
          .until(() -> all.stream().filter(Client::isOpen).count() == 1);
      Client left = all.stream().filter(Client::isOpen).findFirst().orElseThrow();
      assertThat(left.next(MqttMessageType.CONNACK).code()).isZero();
      left.expectNothingElse();
    } finally {
      all.forEach(Client::close);
    }
  }

  @Test
  void shouldEndASessionThatAHigherEpochEvicts() {
    String address = "takeover/evicted";
    try (Client client = station.connect(resume5("evicted"))) {
      subscribe(client, address);
      Claim elsewhere = claimElsewhere("evicted");

      router.evict("evicted", elsewhere.session().epoch());

      assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
      client.awaitClosed();
      assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
    }
  }

  @Test
  void shouldKeepASessionThatAnEvictionDoesNotName() {
    try (TopicTail<SessionEvent> events = TopicTail.sessions(servers, "kept");
        Client client = station.connect(connect5("kept"))) {
      SessionEvent connected = events.next();
      assertThat(connected.getKind()).isEqualTo(SessionEventKind.CONNECTED);

      router.evict("kept", 1);
      router.evict("kept", connected.getEpoch() - 1);
      router.evict("kept", connected.getEpoch());
      router.evict("somebody-else", Long.MAX_VALUE);
      subscribe(client, "takeover/kept");
      client.expectNothingElse();

      router.evict("kept", connected.getEpoch() + 1);
      assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
      assertThat(events.next().getKind()).isEqualTo(SessionEventKind.SUBSCRIBED);
      SessionEvent taken = events.next();
      assertThat(taken.getKind()).isEqualTo(SessionEventKind.TAKEN_OVER);
      assertThat(taken.getEpoch()).isEqualTo(connected.getEpoch());
    }
  }

  @Test
  void shouldEndAtTheNextCheckpointWhenTheEvictionWasLost() {
    String address = "takeover/fenced";
    try (Client client = station.connect(resume5("fenced"))) {
      Location location = subscribe(client, address);
      claimElsewhere("fenced");

      router.route(location, router.publish(address, "moves the cursor"));
      client.takePayloads(1);

      assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
      client.awaitClosed();
    }
  }

  @Test
  void shouldNotAcknowledgeASubscriptionOfASessionThatIsClaimedElsewhere() {
    String address = "takeover/subscribe-fenced";
    try (Client client = station.connect(resume5("subscribe-fenced"))) {
      claimElsewhere("subscribe-fenced");

      client.subscribe(1, address);
      router.activateAtEnd(address, 1);

      assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
    }
  }

  @Test
  void shouldTakeASessionOverFromAnotherConnector() {
    String address = "takeover/across";
    try (Station first = Station.start(servers, withoutCheckpoints());
        Station second = Station.start(servers);
        Client old = first.connect(resume5("across"))) {
      PlayedRouter router = first.router();
      old.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      old.next(MqttMessageType.SUBACK);
      router.publishNumbered(address, 0, 4).forEach(each -> router.route(location, each));
      List<Packet> packets = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        packets.add(old.next(MqttMessageType.PUBLISH));
      }
      old.send(Wire.pubAck(packets.get(0).packetId()), Wire.pubAck(packets.get(1).packetId()));

      try (Client taker = second.open().send(resume5("across"))) {
        assertThat(taker.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
        // The evict record goes through Kafka to the first connector.
        assertThat(old.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
        assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();

        second.router().activateAtEnd(address, 1);
        // The first connector has handed over the cursors that no checkpoint has written.
        assertThat(taker.takePayloads(2)).isEqualTo(numbers(2, 4));
        taker.expectNothingElse();
      }
    }
  }

  @Test
  void shouldLeaveOneOfManyConnectionsToTwoConnectorsAndRepeatNothing() {
    String address = "takeover/two";
    List<Client> all = new ArrayList<>();
    try (Station first = Station.start(servers, withoutCheckpoints());
        Station second = Station.start(servers, withoutCheckpoints());
        Client old = first.connect(resume5("two"))) {
      PlayedRouter router = first.router();
      old.subscribe(1, address);
      Location location = router.activateAtEnd(address, 1);
      old.next(MqttMessageType.SUBACK);
      router.publishNumbered(address, 0, 6).forEach(each -> router.route(location, each));
      for (int i = 0; i < 6; i++) {
        Packet packet = old.next(MqttMessageType.PUBLISH);
        if (i < 3) {
          old.send(Wire.pubAck(packet.packetId()));
        }
      }
      for (int i = 0; i < 10; i++) {
        all.add((i % 2 == 0 ? first : second).open());
      }

      all.forEach(client -> client.send(resume5("two")));

      Awaitility.await()
          .atMost(Client.PATIENCE)
          .until(() -> all.stream().filter(Client::isOpen).count() == 1 && !old.isOpen());
      Client left = all.stream().filter(Client::isOpen).findFirst().orElseThrow();
      assertThat(left.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      Station of = all.indexOf(left) % 2 == 0 ? first : second;
      List<String> received = new ArrayList<>();
      Awaitility.await()
          .atMost(Client.PATIENCE)
          .until(
              () -> {
                of.router().activateNewest(address);
                Packet packet = left.poll(100);
                if (packet != null) {
                  received.add(packet.payload());
                }
                return received.size() == 3;
              });
      assertThat(received).isEqualTo(numbers(3, 6));
      left.expectNothingElse();
    } finally {
      all.forEach(Client::close);
    }
  }

  /** Only a release writes cursors. */
  private static ConnectorConfig.Limits withoutCheckpoints() {
    return Station.limits(Patience.MAX, Duration.ofHours(1));
  }

  private static Claim claimElsewhere(String clientId) {
    return servers
        .cache()
        .sessions()
        .claim(new ClaimRequest(clientId, "elsewhere", 1, false, 3_600))
        .toCompletableFuture()
        .join();
  }

  private static Location subscribe(Client client, String address) {
    client.subscribe(1, address);
    Location location = router.activateAtEnd(address, 1);
    client.next(MqttMessageType.SUBACK);
    return location;
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }
}
