// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.schemas.Location;
import io.pabal.telemetry.Health.Check;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Redis is stopped under a running connector, and comes back. */
@ExtendWith(Servers.Extension.class)
class RedisAwayTest {

  @TempDir private Path directory;
  private EmbeddedRedis redis;
  private Station station;
  private PlayedRouter router;

  @BeforeEach
  void start(Servers servers) {
    redis = EmbeddedRedis.start(directory, 0);
    station = Station.start(servers, redis.uri());
    router = station.router();
  }

  @AfterEach
  void stop() {
    station.close();
    redis.close();
  }

  @Test
  void shouldReportInHealthWhyRedisRefusesUntilItServesAgain() {
    RedisClient client = RedisClient.create(redis.uri().toString());
    try (var connection = client.connect()) {
      connection.sync().replicaof("127.0.0.1", 1);
      awaitRedis(false, "READONLY");
      assertThat(station.connector().health().isReady()).isTrue();

      connection.sync().replicaofNoOne();
      awaitRedis(true, "");
    } finally {
      client.shutdown();
    }
  }

  private void awaitRedis(boolean ok, String part) {
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .untilAsserted(
            () -> {
              Check check =
                  station.connector().health().checks().stream()
                      .filter(each -> each.name().equals("redis"))
                      .findFirst()
                      .orElseThrow();
              assertThat(check.name()).isEqualTo("redis");
              assertThat(check.ok()).as(check.toString()).isEqualTo(ok);
              assertThat(check.detail()).contains(part);
            });
  }

  @Test
  void shouldDeliverAndAppendMessagesWithoutRedis() {
    String address = "redis-away/live";
    try (Client subscriber = station.connect(resume5("away-live"));
        Client publisher = station.connect(connect5("away-publisher"))) {
      Location location = subscribe(subscriber, address);

      redis.close();
      for (int i = 0; i < 100; i++) {
        publisher.send(Wire.publish5(i + 1, address, "p"));
        assertThat(publisher.next(MqttMessageType.PUBACK).packetId()).isEqualTo(i + 1);
      }
      router.routeAll(location, router.publishNumbered(address, 0, 100));

      assertThat(subscriber.takePayloads(100)).isEqualTo(numbers(0, 100));
      subscriber.expectNothingElse();
    }
  }

  @Test
  void shouldSubscribeASessionThatIsNotKeptWithoutRedis() {
    try (Client client = station.connect(connect5("away-transient"))) {
      redis.close();

      subscribe(client, "redis-away/transient");
    }
  }

  @Test
  void shouldNotAcknowledgeASubscriptionThatCannotBeStored() {
    String address = "redis-away/not-stored";
    try (Client client = station.connect(resume5("away-not-stored"))) {
      redis.close();

      client.subscribe(1, address);
      router.activateAtEnd(address, 1);

      assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(0x80);
      assertThat(router.awaitLocation(address, 2).getPresent()).isFalse();
      client.expectNothingElse();
    }
  }

  @Test
  void shouldRefuseNewClientsUntilRedisIsBack() {
    redis.close();
    try (Client mqtt5 = station.open().send(connect5("away-5"));
        Client mqtt311 = station.open().send(connect311("away-311", true))) {
      Packet refused = mqtt5.next(MqttMessageType.CONNACK);
      assertThat(refused.code()).isEqualTo(0x88);
      assertThat(refused.reason()).isNotEmpty();
      mqtt5.awaitClosed();
      assertThat(mqtt311.next(MqttMessageType.CONNACK).code()).isEqualTo(3);
      mqtt311.awaitClosed();
    }
    // Connected sessions go on, so load balancers should keep sending clients to the connector.
    assertThat(isWell("redis")).isFalse();
    assertThat(station.connector().health().isReady()).isTrue();

    redis = EmbeddedRedis.start(directory, redis.port());
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .until(
            () -> {
              try (Client client = station.open().send(connect5("away-back"))) {
                return client.next(MqttMessageType.CONNACK).code() == 0;
              }
            });
    Awaitility.await().atMost(Client.PATIENCE).until(() -> isWell("redis"));
  }

  private boolean isWell(String check) {
    return station.connector().health().checks().stream()
        .anyMatch(each -> each.name().equals(check) && each.ok());
  }

  @Test
  void shouldWriteTheCursorsWhenRedisIsBack() {
    String address = "redis-away/cursors";
    try (Client client = station.connect(resume5("away-cursors"))) {
      Location location = subscribe(client, address);
      redis.close();
      router.publishNumbered(address, 0, 5).forEach(each -> router.route(location, each));
      client.takePayloads(5);
      redis = EmbeddedRedis.start(directory, redis.port());
      Awaitility.await()
          .atMost(Client.PATIENCE)
          .until(
              () -> {
                try (Client probe = station.open().send(connect5("away-probe"))) {
                  return probe.next(MqttMessageType.CONNACK).code() == 0;
                }
              });
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = station.open().send(resume5("away-cursors"))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      Location location = router.activateAtEnd(address, 3);
      router.route(location, router.publish(address, "5"));
      assertThat(client.takePayloads(1)).containsExactly("5");
      client.expectNothingElse();
    }
  }

  private Location subscribe(Client client, String address) {
    client.subscribe(1, address);
    Location location = router.activateAtEnd(address, 1);
    client.next(MqttMessageType.SUBACK);
    return location;
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }
}
