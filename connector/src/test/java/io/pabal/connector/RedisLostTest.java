// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RestoreArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.schemas.Location;
import io.pabal.sessioncache.session.SessionKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Redis is emptied while clients are connected. No test needs timelines: no message is missed. */
@ExtendWith(Servers.Extension.class)
class RedisLostTest {

  private static Servers servers;
  private static EmbeddedRedis server;
  private static RedisClient redisClient;
  private static RedisCommands<String, String> redis;
  private static Station station;
  private static PlayedRouter router;

  @BeforeAll
  static void start(Servers shared, @TempDir Path directory) {
    servers = shared;
    server = EmbeddedRedis.start(directory, 0);
    redisClient = RedisClient.create(server.uri().toString());
    redis = redisClient.connect().sync();
    station = Station.start(servers, server.uri());
    router = station.router();
  }

  @AfterAll
  static void stop() {
    station.close();
    redisClient.shutdown();
    server.close();
  }

  @Test
  void shouldWriteALiveSessionAgainWhenItMoves() {
    String address = "lost/moves";
    try (Client client = station.connect(resume5("moves"))) {
      Location location = subscribe(client, address);
      redis.flushall();

      router.route(location, router.publish(address, "1"));
      assertThat(client.takePayloads(1)).containsExactly("1");
      await().until(() -> subscription("moves", address).equals(router.head(address) + "\n1 "));

      router.route(location, router.publish(address, "2"));
      assertThat(client.takePayloads(1)).containsExactly("2");
      client.expectNothingElse();
    }
  }

  @Test
  void shouldWriteAQuietSessionAgain() {
    String address = "lost/quiet";
    try (Client client = station.connect(resume5("quiet"))) {
      subscribe(client, address);
      redis.flushall();

      await().until(() -> subscription("quiet", address).equals(router.head(address) + "\n1 "));
      client.expectNothingElse();
    }
  }

  @Test
  void shouldWriteASessionAgainThatLeaves() {
    String address = "lost/leaves";
    try (Client client = station.connect(resume5("leaves"))) {
      subscribe(client, address);
      redis.flushall();
      client.send(Wire.disconnect()).awaitClosed();
    }

    try (Client client = station.open().send(resume5("leaves"))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      Location location = router.activateAtEnd(address, 3);
      router.route(location, router.publish(address, "back"));
      assertThat(client.takePayloads(1)).containsExactly("back");
    }
  }

  @Test
  void shouldWriteASessionAgainThatIsNotLiveYet() {
    String address = "lost/returning";
    try (Client client = station.connect(resume5("returning"))) {
      subscribe(client, address);
      client.send(Wire.disconnect()).awaitClosed();
    }
    try (Client client = station.open().send(resume5("returning"))) {
      assertThat(client.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
      redis.flushall();

      await().until(() -> subscription("returning", address).equals(router.head(address) + "\n1 "));
      Location location = router.activateAtEnd(address, 3);
      router.route(location, router.publish(address, "live"));
      assertThat(client.takePayloads(1)).containsExactly("live");
    }
  }

  @Test
  void shouldSubscribeUnderAClaimThatWasLost() {
    String before = "lost/before";
    String after = "lost/after";
    try (Client client = station.connect(resume5("subscribes"))) {
      subscribe(client, before);
      redis.flushall();
      subscribe(client, after);

      assertThat(subscription("subscribes", before)).isEqualTo(router.head(before) + "\n1 ");
      assertThat(subscription("subscribes", after)).isEqualTo(router.head(after) + "\n1 ");
      client.send(Wire.unsubscribe5(2, before));
      client.next(MqttMessageType.UNSUBACK);
      assertThat(subscription("subscribes", before)).isEmpty();
    }
  }

  /** As after a failover to a replica that lagged: the subscription was acknowledged. */
  @Test
  void shouldKeepASubscriptionThatRedisForgotWithItsNewestWrites() {
    String address = "lost/snapshot";
    try (Station second = Station.start(servers, server.uri());
        Client client = station.connect(resume5("snapshot"))) {
      byte[] snapshot = redis.dump(SessionKeys.session("snapshot"));
      subscribe(client, address);

      redis.restore(
          SessionKeys.session("snapshot"), snapshot, RestoreArgs.Builder.ttl(0).replace());
      try (Client again = second.open().send(resume5("snapshot"))) {
        assertThat(again.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
        Location location = second.router().activateAtEnd(address, 1);
        second.router().route(location, second.router().publish(address, "arrives"));
        assertThat(again.takePayloads(1)).containsExactly("arrives");
      }
    }
  }

  /** The session is quiet: only its connector can notice, when Redis is connected again. */
  @Test
  void shouldWriteAQuietSessionAgainWhenRedisForgotItsNewestWrites() {
    String address = "lost/quietly";
    try (Client client = station.connect(resume5("quietly"))) {
      byte[] snapshot = redis.dump(SessionKeys.session("quietly"));
      subscribe(client, address);
      redis.restore(SessionKeys.session("quietly"), snapshot, RestoreArgs.Builder.ttl(0).replace());
      assertThat(subscription("quietly", address)).isEmpty();

      redis.clientKill(KillArgs.Builder.typeNormal().skipme());

      await().until(() -> !subscription("quietly", address).isEmpty());
      client.expectNothingElse();
    }
  }

  @Test
  void shouldNotTakeBackASessionThatWasClaimedElsewhereSince() {
    String address = "lost/claimed";
    try (Client client = station.connect(resume5("claimed"));
        Client other = Client.open(station.connector().address())) {
      Location location = subscribe(client, address);
      redis.flushall();
      // Claims the session as a connector does that finds no owner in Redis.
      redis.hset(SessionKeys.session("claimed"), "epoch", "9000000000000000");
      redis.hset(SessionKeys.session("claimed"), "owner", "elsewhere");

      router.route(location, router.publish(address, "1"));
      assertThat(client.takePayloads(1)).containsExactly("1");
      assertThat(client.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8E);
      assertThat(redis.hget(SessionKeys.session("claimed"), "owner")).isEqualTo("elsewhere");
      assertThat(other.isOpen()).isTrue();
    }
  }

  private static Location subscribe(Client client, String address) {
    client.send(Wire.subscribe5(1, filter(address, 1)));
    Location location = router.activateAtEnd(address, 1);
    assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(1);
    return location;
  }

  private static String subscription(String clientId, String address) {
    String stored = redis.hget(SessionKeys.session(clientId), "f:" + address);
    return stored == null ? "" : stored;
  }
}
