// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.maximumPacketSize;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.PlayedRouter.Published;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client may ask for about the messages that it gets. */
@ExtendWith(Servers.Extension.class)
class DeliveryOptionsTest {

  private static final int NO_LOCAL = 0x04;

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

  @ParameterizedTest
  @CsvSource({"0,0,0", "0,1,0", "0,2,0", "1,0,0", "1,1,1", "1,2,1"})
  void shouldDeliverAtTheLowerQos(int publishedQos, int subscribedQos, int deliveredQos) {
    String address = "options/qos-" + publishedQos + subscribedQos;
    try (Client client = station.connect(connect5("qos" + publishedQos + subscribedQos))) {
      Location location = subscribe(client, address, subscribedQos);
      router.route(
          location,
          router.publish(PlayedRouter.message(address, "p").setQos(publishedQos).build()));

      assertThat(client.next(MqttMessageType.PUBLISH).qos()).isEqualTo(deliveredQos);
    }
  }

  @Test
  void shouldServeBothVersionsFromOneDelivery() {
    String address = "options/versions";
    try (Client mqtt5 = station.connect(connect5("version-5"));
        Client mqtt311 = station.connect(connect311("version-311", true))) {
      Location location = subscribe(mqtt5, address, 1);
      mqtt311.send(Wire.subscribe311(1, filter(address, 1)));
      mqtt311.next(MqttMessageType.SUBACK);
      router.route(
          location,
          router.publish(PlayedRouter.message(address, "p").setContentType("text/plain").build()));

      Packet first = mqtt5.next(MqttMessageType.PUBLISH);
      assertThat(first.payload()).isEqualTo("p");
      assertThat(first.properties().getProperty(MqttProperties.CONTENT_TYPE)).isNotNull();
      Packet second = mqtt311.next(MqttMessageType.PUBLISH);
      assertThat(second.payload()).isEqualTo("p");
      assertThat(second.properties().listAll()).isEmpty();
    }
  }

  @Test
  void shouldKeepAClientsOwnMessagesFromANoLocalSubscription() {
    String address = "options/no-local";
    try (Client client = station.connect(connect5("no-local"))) {
      Location location = subscribe(client, address, 1 | NO_LOCAL);
      Published own =
          router.publish(PlayedRouter.message(address, "own").setClientId("no-local").build());
      Published other = router.publish(address, "other");
      router.route(location, own);
      router.route(location, other);

      assertThat(client.takePayloads(1)).containsExactly("other");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldDeliverAClientsOwnMessagesOtherwise() {
    String address = "options/local";
    try (Client client = station.connect(connect5("local"))) {
      Location location = subscribe(client, address, 1);
      router.route(
          location,
          router.publish(PlayedRouter.message(address, "own").setClientId("local").build()));

      assertThat(client.takePayloads(1)).containsExactly("own");
    }
  }

  @Test
  void shouldKeepNoLocalWhenTheSessionReturns() {
    String address = "options/no-local-resumed";
    try (Client client = station.connect(resume5("no-local-resumed"))) {
      subscribe(client, address, 1 | NO_LOCAL);
      client.send(Wire.disconnect()).awaitClosed();
    }
    router.publish(PlayedRouter.message(address, "own").setClientId("no-local-resumed").build());
    router.publish(address, "other");

    try (Client client = station.connect(resume5("no-local-resumed"))) {
      router.activateAtEnd(address, 3);
      assertThat(client.takePayloads(1)).containsExactly("other");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotDeliverWhatHasExpired() {
    String address = "options/expiry";
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try (Client client = station.connect(connect5("expiry"))) {
      Location location = subscribe(client, address, 1);
      Published expired =
          router.publish(
              PlayedRouter.message(address, "expired").setExpiresAt(now.minusMillis(1)).build());
      Published lasting =
          router.publish(
              PlayedRouter.message(address, "lasting").setExpiresAt(now.plusSeconds(600)).build());
      router.route(location, expired);
      router.route(location, lasting);

      Packet packet = client.next(MqttMessageType.PUBLISH);
      assertThat(packet.payload()).isEqualTo("lasting");
      assertThat(packet.integer(MqttProperties.PUBLICATION_EXPIRY_INTERVAL)).isBetween(1, 600);
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotDeliverFromTheTimelineWhatHasExpired() {
    String address = "options/expiry-resumed";
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try (Client client = station.connect(resume5("expiry-resumed"))) {
      subscribe(client, address, 1);
      client.send(Wire.disconnect()).awaitClosed();
    }
    router.publish(
        PlayedRouter.message(address, "expired").setExpiresAt(now.minusMillis(1)).build());
    router.publish(address, "lasting");

    try (Client client = station.connect(resume5("expiry-resumed"))) {
      router.activateAtEnd(address, 3);
      assertThat(client.takePayloads(1)).containsExactly("lasting");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotSendMoreThanTheClientsMaximumPacketSize() {
    String address = "options/size";
    try (Client small = station.connect(connect5("size-small", maximumPacketSize(200)));
        Client large = station.connect(connect5("size-large"))) {
      Location location = subscribe(small, address, 1);
      large.send(Wire.subscribe5(1, filter(address, 1)));
      large.next(MqttMessageType.SUBACK);
      String huge = "x".repeat(200);
      // Two bytes of header, a topic with its length, a packet identifier, no properties.
      int overhead = 2 + 2 + address.length() + 2 + 1;
      String fitting = "x".repeat(199 - overhead);
      router.route(location, router.publish(address, huge));
      router.route(location, router.publish(address, fitting));

      assertThat(small.takePayloads(1)).containsExactly(fitting);
      assertThat(large.takePayloads(2)).containsExactly(huge, fitting);
      small.expectNothingElse();
      assertThat(station.connector().metrics().tooLargeForClient.sum()).isEqualTo(1);
    }
  }

  private static Location subscribe(Client client, String address, int options) {
    client.send(Wire.subscribe5(1, filter(address, options)));
    Location location = router.activateAtEnd(address, 1);
    client.next(MqttMessageType.SUBACK);
    return location;
  }
}
