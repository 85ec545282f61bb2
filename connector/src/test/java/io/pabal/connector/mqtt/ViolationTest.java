// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.NO_PROPERTIES;
import static io.pabal.connector.fixture.Wire.bytes;
import static io.pabal.connector.fixture.Wire.concat;
import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.packet;
import static io.pabal.connector.fixture.Wire.properties;
import static io.pabal.connector.fixture.Wire.property;
import static io.pabal.connector.fixture.Wire.publish;
import static io.pabal.connector.fixture.Wire.publish311;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.sessionExpiry;
import static io.pabal.connector.fixture.Wire.string;
import static io.pabal.connector.fixture.Wire.twoBytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Protocol violations of a connected client: an MQTT 5 client gets a reason, the socket of an MQTT
 * 3.1.1 client closes, and the other clients notice nothing.
 */
@ExtendWith(Servers.Extension.class)
class ViolationTest {

  private static final byte[] NONE = {};
  private static final String LONG = "t".repeat(EmbeddedFront.ADDRESS_BYTES_MAX + 1);
  private static final String LARGE = "x".repeat(EmbeddedFront.PACKET_BYTES_MAX);

  private static EmbeddedFront front;
  private static Peer beside;
  private static int besideId;
  private static int clients;

  private long refusalsBefore;

  @BeforeAll
  static void open(Servers servers) {
    front = new EmbeddedFront(servers);
    beside = front.connected(connect5("beside"));
  }

  @AfterAll
  static void close() {
    front.close();
  }

  @BeforeEach
  void count() {
    refusalsBefore = front.metrics.refusals.sum();
  }

  @AfterEach
  void leave() {
    front.closeAllBut(beside);
  }

  static Stream<Arguments> onMqtt5() {
    return Stream.of(
        violation("second CONNECT", connect5("again"), 0x82, "second CONNECT"),
        violation("CONNACK", packet(0x20, bytes(0, 0, 0)), 0x82, "CONNACK"),
        violation("PUBREC", packet(0x50, twoBytes(1)), 0x82, "PUBREC"),
        violation("PUBREL", packet(0x62, twoBytes(1)), 0x82, "PUBREL"),
        violation("PUBCOMP", packet(0x70, twoBytes(1)), 0x82, "PUBCOMP"),
        violation("SUBACK", packet(0x90, twoBytes(1), NO_PROPERTIES, bytes(0)), 0x82, "SUBACK"),
        violation("UNSUBACK", packet(0xB0, twoBytes(1), NO_PROPERTIES, bytes(0)), 0x82, "UNSUBACK"),
        violation("PINGRESP", packet(0xD0), 0x82, "PINGRESP"),
        violation("AUTH", packet(0xF0, bytes(0x18), NO_PROPERTIES), 0x82, "AUTH"),
        violation("packet type 0", bytes(0, 0), 0x81, ""),
        violation("PUBLISH at QoS 2", publish(0x34, 1, "t", NO_PROPERTIES, "p"), 0x9B, "QoS 2"),
        violation("PUBLISH at QoS 3", publish(0x36, 1, "t", NO_PROPERTIES, "p"), 0x81, ""),
        violation("PUBLISH with RETAIN", publish(0x33, 1, "t", NO_PROPERTIES, "p"), 0x9A, "RETAIN"),
        violation(
            "PUBLISH with a topic alias",
            publish5(1, "t", "p", property(0x23, twoBytes(1))),
            0x94,
            "alias"),
        violation(
            "PUBLISH with a topic alias alone",
            publish5(1, "", "p", property(0x23, twoBytes(1))),
            0x94,
            "alias"),
        violation(
            "PUBLISH with a subscription identifier",
            publish5(1, "t", "p", property(0x0B, bytes(1))),
            0x82,
            "subscription identifier"),
        violation("PUBLISH without a topic", publish5(1, "", "p"), 0x90, "empty"),
        violation("PUBLISH to the server's topics", publish5(1, "$SYS/x", "p"), 0x90, "$"),
        violation("PUBLISH to a long topic", publish5(1, LONG, "p"), 0x90, "64"),
        violation("PUBLISH to a wildcard", publish5(1, "a/+", "p"), 0x81, "wildcard"),
        violation("PUBLISH with packet identifier 0", publish5(0, "t", "p"), 0x81, "messageId"),
        violation("PUBLISH, oversized", publish5(1, "t", LARGE), 0x95, "Maximum Packet Size"),
        violation(
            "PUBLISH with an unknown property",
            publish5(1, "t", "p", property(0x7E, bytes(1))),
            0x81,
            ""),
        violation(
            "PUBLISH whose properties are longer than it",
            // Refused as soon as this many bytes were received.
            concat(packet(0x32, string("t"), twoBytes(1), bytes(100), bytes(1, 1)), new byte[98]),
            0x81,
            ""),
        violation("PUBACK with packet identifier 0", packet(0x40, twoBytes(0)), 0x81, "messageId"),
        violation(
            "SUBSCRIBE with a subscription identifier",
            packet(0x82, twoBytes(1), properties(property(0x0B, bytes(1))), filter("t", 0)),
            0xA1,
            "subscription identifier"),
        violation(
            "SUBSCRIBE without a filter",
            packet(0x82, twoBytes(1), NO_PROPERTIES),
            0x82,
            "without a topic filter"),
        violation("SUBSCRIBE at QoS 3", Wire.subscribe5(1, filter("t", 3)), 0x81, ""),
        violation(
            "SUBSCRIBE with Retain Handling 3", Wire.subscribe5(1, filter("t", 0x30)), 0x81, ""),
        violation(
            "SUBSCRIBE with packet identifier 0", Wire.subscribe5(0, filter("t", 0)), 0x81, ""),
        violation("SUBSCRIBE, oversized", Wire.subscribe5(1, filter(LARGE, 0)), 0x95, ""),
        violation(
            "UNSUBSCRIBE without a filter",
            packet(0xA2, twoBytes(1), NO_PROPERTIES),
            0x82,
            "without a topic filter"),
        violation(
            "UNSUBSCRIBE with packet identifier 0", Wire.unsubscribe5(0, "t"), 0x81, "messageId"),
        violation(
            "DISCONNECT that raises the expiry from 0",
            packet(0xE0, bytes(0), properties(sessionExpiry(1))),
            0x82,
            "Session Expiry"),
        violation("Remaining Length of five bytes", bytes(0x30, 255, 255, 255, 255, 1), 0x81, ""));
  }

  /** The reserved flags of each packet type that a client may send, and of some that it may not. */
  static Stream<Arguments> reservedFlags() {
    List<Arguments> all = new ArrayList<>();
    byte[][] packets = {
      connect5("again"),
      Wire.pubAck(1),
      packet(0x50, twoBytes(1)),
      packet(0x62, twoBytes(1)),
      packet(0x70, twoBytes(1)),
      Wire.subscribe5(1, filter("t", 0)),
      Wire.unsubscribe5(1, "t"),
      Wire.pingReq(),
      Wire.disconnect(),
      packet(0xF0, bytes(0x18), NO_PROPERTIES),
    };
    for (byte[] packet : packets) {
      for (int flag = 1; flag <= 8; flag *= 2) {
        byte[] changed = packet.clone();
        changed[0] ^= (byte) flag;
        all.add(violation("first byte 0x%02X".formatted(changed[0] & 0xff), changed, 0x81, ""));
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"onMqtt5", "reservedFlags"})
  void shouldSendTheReasonToAnMqtt5Client(String what, byte[] sent, int code, String reason) {
    Peer peer = front.connected(connect5(nextClientId()));

    peer.send(sent);

    Packet disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(code);
    assertThat(disconnect.reason()).isNotEmpty().contains(reason);
    expectRefused(peer);
  }

  static Stream<Arguments> onMqtt311() {
    return Stream.of(
        violation("second CONNECT", connect311("again", true)),
        violation("CONNACK", packet(0x20, bytes(0, 0))),
        violation("PUBREC", packet(0x50, twoBytes(1))),
        violation("PUBREL", packet(0x62, twoBytes(1))),
        violation("PUBCOMP", packet(0x70, twoBytes(1))),
        violation("SUBACK", packet(0x90, twoBytes(1), bytes(0))),
        violation("UNSUBACK", packet(0xB0, twoBytes(1))),
        violation("PINGRESP", packet(0xD0)),
        violation("AUTH", packet(0xF0)),
        violation("PUBLISH at QoS 2", publish(0x34, 1, "t", NONE, "p")),
        violation("PUBLISH with RETAIN", publish(0x33, 1, "t", NONE, "p")),
        violation("PUBLISH without a topic", publish311(1, "", "p")),
        violation("PUBLISH to a wildcard", publish311(1, "#", "p")),
        violation("PUBLISH with packet identifier 0", publish311(0, "t", "p")),
        violation("PUBLISH, oversized", publish311(1, "t", LARGE)),
        violation("SUBSCRIBE without a filter", packet(0x82, twoBytes(1))),
        violation("SUBSCRIBE at QoS 3", Wire.subscribe311(1, filter("t", 3))),
        violation("UNSUBSCRIBE without a filter", packet(0xA2, twoBytes(1))),
        violation("reserved flags of PINGREQ", packet(0xC1)),
        violation("reserved flags of SUBSCRIBE", packet(0x80, twoBytes(1), filter("t", 0))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("onMqtt311")
  void shouldCloseTheSocketOfAnMqtt311Client(String what, byte[] sent, int code, String reason) {
    Peer peer = front.connected(connect311(nextClientId(), true));

    peer.send(sent);

    expectRefused(peer);
  }

  @Test
  void shouldRefuseMoreThanReceiveMaximumOnMqtt5() {
    Peer peer = front.connected(connect5(nextClientId()));
    byte[] burst = NONE;
    for (int packetId = 1; packetId <= EmbeddedFront.RECEIVE_MAX + 1; packetId++) {
      burst = concat(burst, publish5(packetId, "violation/burst", "p"));
    }

    peer.send(burst);

    Packet disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(0x93);
    assertThat(disconnect.reason()).contains("10");
    expectRefused(peer);
  }

  @Test
  void shouldAcceptExactlyReceiveMaximumOnMqtt5() {
    Peer peer = front.connected(connect5(nextClientId()));
    byte[] burst = NONE;
    for (int packetId = 1; packetId <= EmbeddedFront.RECEIVE_MAX; packetId++) {
      burst = concat(burst, publish5(packetId, "violation/burst" + packetId, "p"));
    }

    peer.send(burst);

    for (int packetId = 1; packetId <= EmbeddedFront.RECEIVE_MAX; packetId++) {
      assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(packetId);
    }
    peer.close();
  }

  @Test
  void shouldIgnoreAPubAckOfAnUnknownPacket() {
    Peer peer = front.connected(connect5(nextClientId()));

    peer.send(Wire.pubAck(77), Wire.pingReq());

    peer.next(MqttMessageType.PINGRESP);
    peer.close();
  }

  @Test
  void shouldDiscardPacketsAfterTheViolation() {
    Peer peer = front.connected(connect5(nextClientId()));
    long published = front.metrics.publishes.sum();

    peer.send(publish(0x34, 1, "t", NO_PROPERTIES, "p"), publish5(2, "t", "after"), Wire.pingReq());

    assertThat(peer.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x9B);
    assertThat(front.metrics.publishes.sum()).isEqualTo(published);
    expectRefused(peer);
  }

  @Test
  void shouldAcknowledgeNothingAfterTheViolation() {
    Peer peer = front.connected(connect5(nextClientId()));

    peer.send(publish5(1, "violation/before", "p"), packet(0xD0));

    // Kafka may have the first message, but a refused client gets no further packets.
    assertThat(peer.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x82);
    expectRefused(peer);
  }

  @Test
  void shouldEndTheSessionOfAClientThatWasRefused() {
    String clientId = nextClientId();
    Peer peer = front.connected(connect5(clientId));

    peer.send(packet(0xD0)).awaitClosed();

    assertThat(front.events)
        .anyMatch(
            event ->
                event.getClientId().equals(clientId) && event.getReason().equals("protocol-error"));
  }

  /** Expects that the refused client is disconnected and that the other client is still served. */
  private void expectRefused(Peer peer) {
    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
    assertThat(front.metrics.refusals.sum()).isEqualTo(refusalsBefore + 1);
    assertThat(front.sessions.size()).isEqualTo(1);

    int packetId = besideId++ % 65_535 + 1;
    beside.send(publish5(packetId, "violation/beside", "p"), Wire.pingReq());
    Packet first = beside.next(MqttMessageType.PINGRESP);
    assertThat(first.packetId()).isZero();
    assertThat(beside.next(MqttMessageType.PUBACK).packetId()).isEqualTo(packetId);
    assertThat(beside.receive()).isEmpty();
  }

  private static String nextClientId() {
    return "violator-" + ++clients;
  }

  private static Arguments violation(String what, byte[] sent, int code, String reason) {
    return Arguments.of(what, sent, code, reason);
  }

  private static Arguments violation(String what, byte[] sent) {
    return Arguments.of(what, sent, 0, "");
  }
}
