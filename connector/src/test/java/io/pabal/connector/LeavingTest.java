// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.schemas.Location;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connector drains while clients are connected. */
@ExtendWith(Servers.Extension.class)
class LeavingTest {

  private static final Duration NEVER = Duration.ofHours(1);
  private static final int CLIENTS = 20;

  @Test
  void shouldResumeElsewhereWithoutDuplicates(Servers servers) {
    String address = "leaving/elsewhere";
    Station left = Station.start(servers, checkpointing(NEVER), Drain.defaults());
    try (Station other = Station.start(servers)) {
      try (Client client = left.connect(resume5("elsewhere"))) {
        client.subscribe(1, address);
        Location location = left.router().activateAtEnd(address, 1);
        client.next(MqttMessageType.SUBACK);
        left.router()
            .publishNumbered(address, 0, 5)
            .forEach(message -> left.router().route(location, message));
        client.takePayloads(5);
        client.expectNothingElse();

        left.close();
        assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x9C);
      }
      other.router().publishNumbered(address, 5, 8);

      try (Client client = other.open().send(resume5("elsewhere"))) {
        assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
        other.router().activateAtEnd(address, 1);
        assertThat(client.takePayloads(3))
            .isEqualTo(IntStream.range(5, 8).mapToObj(Integer::toString).toList());
        client.expectNothingElse();
      }
    }
  }

  @Test
  void shouldServeSessionsUntilTheyAreDrained(Servers servers) throws Exception {
    String address = "leaving/turn";
    Station station =
        Station.start(
            servers,
            Station.limits(Patience.MAX),
            new Drain(1, Duration.ofMinutes(5), false, "a.example:1883 b.example"));
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(station.connect(connect5("turn-" + i)).subscribe(1, address));
    }
    Location location = station.router().activateAtEnd(address, 1);
    clients.forEach(client -> client.next(MqttMessageType.SUBACK));

    Thread leaving = Thread.ofPlatform().start(() -> station.connector().close());
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .until(() -> station.connector().sessionCount() < CLIENTS);
    station.router().route(location, station.router().publish(address, "still here"));

    Awaitility.await()
        .atMost(Client.PATIENCE)
        .untilAsserted(
            () -> assertThat(clients).anyMatch(client -> client.isOpen() && client.pending() == 1));
    Packet farewell =
        clients.stream()
            .filter(client -> !client.isOpen())
            .findFirst()
            .orElseThrow()
            .next(MqttMessageType.DISCONNECT);
    assertThat(farewell.properties().getProperty(MqttProperties.SERVER_REFERENCE).value())
        .isEqualTo("a.example:1883 b.example");
    leaving.interrupt();
    leaving.join();
    station.close();
    assertThat(clients).allSatisfy(Client::awaitClosed);
  }

  @Test
  void shouldSendClientsToTheOtherConnectorThatWasUpBefore(Servers servers) {
    try (Station other = Station.start(servers)) {
      Station left = Station.start(servers);
      try (Client client = left.connect(connect5("other"))) {
        left.close();

        Object reference =
            client
                .next(MqttMessageType.DISCONNECT)
                .properties()
                .getProperty(MqttProperties.SERVER_REFERENCE)
                .value();
        assertThat(reference).asString().startsWith("127.0.0.1:");
      }
      assertThat(other.connector().sessionCount()).isZero();
    }
  }

  @Test
  void shouldSendServerMovedWhenItDoesNotComeBack(Servers servers) {
    Station station =
        Station.start(
            servers, Station.limits(Patience.MAX), new Drain(0, Duration.ofMinutes(1), true, null));
    try (Client client = station.connect(connect5("moved"))) {
      station.close();

      assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x9D);
    }
  }

  private static ConnectorConfig.Limits checkpointing(Duration interval) {
    var limits = ConnectorConfig.Limits.defaults();
    return new ConnectorConfig.Limits(
        limits.packetBytesMax(),
        limits.receiveMax(),
        limits.inFlightMax(),
        limits.clientIdBytesMax(),
        limits.addressBytesMax(),
        limits.subscriptionsMax(),
        limits.connectTimeout(),
        limits.keepAliveMax(),
        limits.sessionExpiryMax(),
        limits.sessionExpiryV311(),
        limits.subscribeTimeout(),
        interval);
  }
}
