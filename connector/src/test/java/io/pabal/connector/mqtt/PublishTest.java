// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.bytes;
import static io.pabal.connector.fixture.Wire.concat;
import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.property;
import static io.pabal.connector.fixture.Wire.publish;
import static io.pabal.connector.fixture.Wire.publish311;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.string;
import static io.pabal.connector.fixture.Wire.twoBytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import io.pabal.schemas.Message;
import io.pabal.schemas.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From PUBLISH to Kafka and back to PUBACK. */
@ExtendWith(Servers.Extension.class)
class PublishTest {

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
  void shouldStoreAllFieldsOfAPublish(Servers servers) {
    try (TopicTail<Message> messages = TopicTail.messages(servers, "publish/all")) {
      Peer peer =
          front.connected(
              Wire.connect(5, 0x82, 0, Wire.NO_PROPERTIES, string("all"), string("alice")));

      peer.send(
          publish5(
              9,
              "publish/all",
              "안녕",
              property(0x01, bytes(1)),
              Wire.messageExpiry(60),
              property(0x03, string("text/plain")),
              property(0x08, string("replies/1")),
              property(0x09, concat(twoBytes(2), bytes(0, 255))),
              property(0x26, concat(string("b"), string("1"))),
              property(0x26, concat(string("a"), string("2"))),
              property(0x26, concat(string("b"), string("3")))));

      assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(9);
      Message message = messages.next();
      assertThat(message.getAddress()).isEqualTo("publish/all");
      assertThat(message.getSender()).isEqualTo("alice");
      assertThat(message.getClientId()).isEqualTo("all");
      assertThat(message.getQos()).isEqualTo(1);
      assertThat(text(message)).isEqualTo("안녕");
      assertThat(message.getUtf8Payload()).isTrue();
      assertThat(message.getExpiresAt()).isEqualTo(message.getPublishedAt().plusSeconds(60));
      assertThat(message.getContentType()).isEqualTo("text/plain");
      assertThat(message.getResponseTopic()).isEqualTo("replies/1");
      assertThat(message.getCorrelationData()).isEqualTo(ByteBuffer.wrap(new byte[] {0, -1}));
      assertThat(message.getUserProperties())
          .containsExactly(
              new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "3"));
    }
  }

  @Test
  void shouldStoreMessagesOfAnMqtt311Client(Servers servers) {
    try (TopicTail<Message> messages = TopicTail.messages(servers, "publish/311")) {
      Peer peer = front.connected(connect311("publisher-311", true));

      peer.send(publish311(5, "publish/311", ""), publish(0x30, -1, "publish/311", bytes(), "q0"));

      assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(5);
      Message first = messages.next();
      assertThat(text(first)).isEmpty();
      assertThat(first.getExpiresAt()).isNull();
      assertThat(first.getUserProperties()).isEmpty();
      Message second = messages.next();
      assertThat(text(second)).isEqualTo("q0");
      assertThat(second.getQos()).isZero();
    }
    assertThat(front.metrics.refusals.sum()).isZero();
  }

  @Test
  void shouldAcknowledgeInOrderAcrossPartitions() {
    Peer peer = front.connected(connect5("in-order"));
    for (int round = 0; round < 50; round++) {
      for (int packetId = 1; packetId <= EmbeddedFront.RECEIVE_MAX; packetId++) {
        peer.send(publish5(packetId, "publish/" + round + "/" + packetId, "p"));
      }
      for (int packetId = 1; packetId <= EmbeddedFront.RECEIVE_MAX; packetId++) {
        assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(packetId);
      }
    }
  }

  @Test
  void shouldPauseReadingFromAnMqtt311ClientInsteadOfRefusingIt() {
    Peer peer = front.connected(connect311("eager-311", true));
    byte[] burst = {};
    for (int packetId = 1; packetId <= 35; packetId++) {
      burst = concat(burst, publish311(packetId, "publish/eager-" + packetId, "p"));
    }

    peer.send(burst);
    assertThat(peer.isReading()).isFalse();

    for (int packetId = 1; packetId <= 35; packetId++) {
      assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(packetId);
    }
    assertThat(peer.isReading()).isTrue();
    assertThat(front.metrics.refusals.sum()).isZero();
  }

  @Test
  void shouldStopReadingWhileKafkaIsSlowerThanThePublishers(Servers servers) {
    // The second message on its way closes the ingress; it opens when half of the bound is left.
    try (EmbeddedFront narrow = new EmbeddedFront(servers, true, Duration.ZERO, 1_500);
        TopicTail<Message> messages = TopicTail.messages(servers, "publish/narrow")) {
      Peer peer = narrow.connected(connect5("narrow"));
      byte[] burst = {};
      for (int packetId = 1; packetId <= 10; packetId++) {
        burst = concat(burst, publish5(packetId, "publish/narrow", packetId + "x".repeat(1_000)));
      }

      peer.send(burst, Wire.pingReq());
      assertThat(peer.isReading()).isFalse();
      assertThat(narrow.metrics.publishes.sum()).isLessThan(10);

      var packets = IntStream.rangeClosed(1, 11).mapToObj(i -> nextOf(peer)).toList();
      assertThat(packets.subList(0, 10).stream().filter(id -> id > 0)).isSorted();
      assertThat(packets.stream().filter(id -> id > 0)).containsExactly(ids(10));
      assertThat(peer.isReading()).isTrue();
      for (int packetId = 1; packetId <= 10; packetId++) {
        assertThat(text(messages.next())).startsWith(packetId + "x");
      }
    }
  }

  @Test
  void shouldCloseTheConnectionWhoseMessageCannotBeStored(Servers servers) {
    Peer peer = front.connected(connect5("unlucky"));
    // From here on no message can be stored.
    front.ingress.close();

    peer.send(publish5(1, "publish/unlucky", "p"), publish5(2, "publish/unlucky", "q"));

    var disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(0x83);
    assertThat(disconnect.reason()).contains("stored");
    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
    assertThat(front.events).anyMatch(event -> event.getReason().equals("append-failed"));
  }

  private static int nextOf(Peer peer) {
    return peer.nextOf(MqttMessageType.PUBACK, MqttMessageType.PINGRESP).packetId();
  }

  private static Integer[] ids(int count) {
    return IntStream.rangeClosed(1, count).boxed().toArray(Integer[]::new);
  }

  private static String text(Message message) {
    return StandardCharsets.UTF_8.decode(message.getPayload().duplicate()).toString();
  }
}
