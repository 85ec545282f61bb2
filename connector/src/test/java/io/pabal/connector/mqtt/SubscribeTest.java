// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.subscribe311;
import static io.pabal.connector.fixture.Wire.subscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** SUBACK for filters that are refused, and for subscriptions that the router does not activate. */
@ExtendWith(Servers.Extension.class)
class SubscribeTest {

  private static final Duration TIMEOUT =
      Duration.ofSeconds(EmbeddedFront.SUBSCRIBE_TIMEOUT_SECONDS);
  private static final String LONG = "t".repeat(EmbeddedFront.ADDRESS_BYTES_MAX + 1);

  private EmbeddedFront front;

  @BeforeEach
  void open(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void close() {
    front.close();
  }

  @Test
  void shouldAnswerEachRefusedFilterWithItsReasonOnMqtt5() {
    Peer peer = front.connected(connect5("refused-filters"));

    peer.send(
        subscribe5(
            7,
            filter("#", 1),
            filter("rooms/+/chat", 0),
            filter("$share/group/rooms", 1),
            filter("$SYS/uptime", 0),
            filter("", 1),
            filter(LONG, 1)));

    Packet subAck = peer.next(MqttMessageType.SUBACK);
    assertThat(subAck.packetId()).isEqualTo(7);
    assertThat(subAck.codes()).containsExactly(0xA2, 0xA2, 0x9E, 0x87, 0x8F, 0x8F);
    assertThat(peer.isOpen()).isTrue();
  }

  @Test
  void shouldAnswerRefusedFiltersWithFailureOnMqtt311() {
    Peer peer = front.connected(connect311("refused-filters-311", true));

    peer.send(subscribe311(8, filter("#", 1), filter("$share/g/t", 0), filter("$SYS/x", 0)));

    Packet subAck = peer.next(MqttMessageType.SUBACK);
    assertThat(subAck.packetId()).isEqualTo(8);
    assertThat(subAck.codes()).containsExactly(0x80, 0x80, 0x80);
    assertThat(peer.isOpen()).isTrue();
  }

  @Test
  void shouldHoldSubscribeAndUnsubscribeWhileTheBacklogForKafkaIsTooLarge() {
    Peer peer = front.connected(connect5("held-back"));
    front.overloaded = true;

    peer.send(subscribe5(1, filter("#", 1)), Wire.unsubscribe5(2, "rooms/1"), Wire.pingReq());

    assertThat(peer.receive()).isEmpty();
    assertThat(peer.isReading()).isFalse();

    front.context.ingressOpened();
    assertThat(peer.receive()).isEmpty();

    front.overloaded = false;
    front.context.ingressOpened();
    assertThat(peer.next(MqttMessageType.SUBACK).packetId()).isEqualTo(1);
    assertThat(peer.next(MqttMessageType.UNSUBACK).packetId()).isEqualTo(2);
    peer.next(MqttMessageType.PINGRESP);
    assertThat(peer.isReading()).isTrue();
  }

  @Test
  void shouldFailASubscriptionThatTheRouterDoesNotActivateInTime() {
    Peer peer = front.connected(connect5("no-router"));

    peer.send(subscribe5(1, filter("subscribe/a", 1), filter("#", 1)));
    front.loop.advance(TIMEOUT.minusMillis(1));
    assertThat(peer.receive()).isEmpty();

    front.loop.advance(Duration.ofMillis(1));
    assertThat(peer.next(MqttMessageType.SUBACK).codes()).containsExactly(0x83, 0xA2);
    // The subscription was undone: a later UNSUBSCRIBE finds none.
    peer.send(Wire.unsubscribe5(2, "subscribe/a"));
    assertThat(peer.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0x11);
  }

  @Test
  void shouldFailASubscriptionThatTheRouterDoesNotActivateInTimeOnMqtt311() {
    Peer peer = front.connected(connect311("no-router-311", true));

    peer.send(subscribe311(1, filter("subscribe/a", 1)));
    front.loop.advance(TIMEOUT);

    assertThat(peer.next(MqttMessageType.SUBACK).codes()).containsExactly(0x80);
  }

  @Test
  void shouldAnswerASubscribeAtOnceWhenItIsUnsubscribedBeforeTheRouterAnswers() {
    Peer peer = front.connected(connect5("withdrawn"));

    peer.send(
        subscribe5(1, filter("subscribe/a", 1), filter("subscribe/b", 1)),
        subscribe5(2, filter("subscribe/b", 1)),
        Wire.unsubscribe5(3, "subscribe/a", "subscribe/b"));

    Packet first = peer.next(MqttMessageType.SUBACK);
    assertThat(first.packetId()).isEqualTo(1);
    assertThat(first.codes()).containsExactly(0x80, 0x80);
    Packet second = peer.next(MqttMessageType.SUBACK);
    assertThat(second.packetId()).isEqualTo(2);
    assertThat(second.codes()).containsExactly(0x80);
    assertThat(peer.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0x00, 0x00);
    front.loop.advance(TIMEOUT);
    assertThat(peer.receive()).isEmpty();
  }

  @Test
  void shouldKeepWaitingForTheOtherFiltersOfASubscribe() {
    Peer peer = front.connected(connect5("withdrawn-in-part"));

    peer.send(
        subscribe5(1, filter("subscribe/a", 1), filter("subscribe/b", 1)),
        Wire.unsubscribe5(2, "subscribe/a"));
    assertThat(peer.next(MqttMessageType.UNSUBACK).packetId()).isEqualTo(2);
    assertThat(peer.receive()).isEmpty();

    front.loop.advance(TIMEOUT);
    assertThat(peer.next(MqttMessageType.SUBACK).codes()).containsExactly(0x80, 0x83);
  }

  @Test
  void shouldRefuseMoreSubscriptionsThanASessionMayHave() {
    Peer peer = front.connected(connect5("too-many"));
    byte[][] filters = new byte[EmbeddedFront.SUBSCRIPTIONS_MAX + 2][];
    for (int i = 0; i < filters.length; i++) {
      filters[i] = filter("subscribe/many-" + i, 1);
    }

    peer.send(subscribe5(1, filters));
    front.loop.advance(TIMEOUT);

    var codes = peer.next(MqttMessageType.SUBACK).codes();
    assertThat(codes.subList(0, EmbeddedFront.SUBSCRIPTIONS_MAX)).containsOnly(0x83);
    assertThat(codes.subList(EmbeddedFront.SUBSCRIPTIONS_MAX, filters.length))
        .containsExactly(0x97, 0x97);
  }

  @Test
  void shouldProcessOtherPacketsWhileASubscriptionWaits() {
    Peer peer = front.connected(connect5("waiting"));

    peer.send(
        subscribe5(1, filter("subscribe/a", 1)),
        Wire.pingReq(),
        Wire.publish5(2, "subscribe/other", "p"));

    peer.next(MqttMessageType.PINGRESP);
    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(2);
  }

  @Test
  void shouldPauseReadingFromAClientWithManySubscribesUnderWay() {
    Peer peer = front.connected(connect5("impatient"));
    byte[] burst = {};
    for (int packetId = 1; packetId <= 20; packetId++) {
      burst = Wire.concat(burst, subscribe5(packetId, filter("subscribe/" + packetId, 1)));
    }

    peer.send(burst, Wire.pingReq());
    assertThat(peer.isReading()).isFalse();
    assertThat(peer.receive()).isEmpty();

    front.loop.advance(TIMEOUT);
    List<Packet> answers = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      answers.add(peer.nextOf(MqttMessageType.SUBACK, MqttMessageType.PINGRESP));
    }
    // PINGREQ is behind the four SUBSCRIBEs that are held while 16 others are under way.
    assertThat(answers.stream().map(Packet::packetId))
        .containsExactly(1, 2, 3, 4, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    assertThat(peer.isReading()).isTrue();
    front.loop.advance(TIMEOUT);
    for (int packetId = 17; packetId <= 20; packetId++) {
      assertThat(peer.next(MqttMessageType.SUBACK).packetId()).isEqualTo(packetId);
    }
  }

  @Test
  void shouldKeepNoSubscriptionOfASubscribeWhoseClientLeaves() {
    Peer peer = front.connected(connect5("gone"));
    int before = front.loop.scheduled();
    peer.send(subscribe5(1, filter("subscribe/gone", 1)));
    assertThat(front.loop.scheduled()).isEqualTo(before + 1);

    peer.close();

    assertThat(front.loop.scheduled()).isEqualTo(before);
  }

  @Test
  void shouldForgetTheSubscriptionsOfAClientThatLeaves() {
    Peer peer = front.connected(connect5("leaves"));
    peer.send(subscribe5(1, filter("subscribe/left", 1)));

    peer.close();
    front.loop.advance(TIMEOUT);

    Peer again = front.connected(connect5("leaves"));
    again.send(Wire.unsubscribe5(2, "subscribe/left"));
    assertThat(again.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0x11);
  }
}
