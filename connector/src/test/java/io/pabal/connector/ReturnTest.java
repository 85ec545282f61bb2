// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.receiveMaximum;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How long a session that returns is in flight. */
@ExtendWith(Servers.Extension.class)
class ReturnTest {

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
  void shouldBeInFlightUntilTheSubscriptionIsLive() {
    String address = "return/live";
    subscribeAndLeave("return-live", address);

    try (Client client = resume("return-live")) {
      Location location = router.awaitLocation(address, 3);
      assertThat(station.connector().resumesInFlight()).isEqualTo(1);
      router.activate(address, location, router.head(address));

      awaitInFlight(0);
      client.expectNothingElse();
    }
  }

  @Test
  void shouldBeInFlightUntilMissedMessagesAreSent() {
    String address = "return/missed";
    subscribeAndLeave("return-missed", address);
    router.publishNumbered(address, 0, 200);

    try (Client client = resume("return-missed")) {
      Location location = router.awaitLocation(address, 3);
      // The head is beyond the end of the timeline, so the session waits for the timeline.
      router.activate(address, location, router.head(address) + 1);
      client.expectNothingElse();
      assertThat(station.connector().resumesInFlight()).isEqualTo(1);
      router.publish(address, "200");

      assertThat(client.takePayloads(201)).hasSize(201);
      awaitInFlight(0);
    }
  }

  @Test
  void shouldNotBeInFlightWhileItWaitsForItsOwnClient() {
    String address = "return/waits";
    subscribeAndLeave("return-waits", address);
    router.publishNumbered(address, 0, 3);

    try (Client client = resume("return-waits", receiveMaximum(1))) {
      router.activateAtEnd(address, 3);
      client.payloads(1);

      awaitInFlight(0);
      assertThat(client.pending()).isZero();
    }
  }

  @Test
  void shouldNotBeInFlightWhenTheClientHasLeft() {
    String address = "return/gone";
    subscribeAndLeave("return-gone", address);

    try (Client client = resume("return-gone")) {
      router.awaitLocation(address, 3);
      assertThat(station.connector().resumesInFlight()).isEqualTo(1);
      assertThat(client.isOpen()).isTrue();
    }

    awaitInFlight(0);
  }

  private static void awaitInFlight(int expected) {
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .until(() -> station.connector().resumesInFlight() == expected);
  }

  private static Client resume(String clientId, byte[]... properties) {
    Client client = station.open().send(resume5(clientId, properties));
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
}
