// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.CLEAN;
import static io.pabal.connector.fixture.Wire.NO_PROPERTIES;
import static io.pabal.connector.fixture.Wire.bytes;
import static io.pabal.connector.fixture.Wire.concat;
import static io.pabal.connector.fixture.Wire.connect;
import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.packet;
import static io.pabal.connector.fixture.Wire.properties;
import static io.pabal.connector.fixture.Wire.property;
import static io.pabal.connector.fixture.Wire.publish311;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.string;
import static io.pabal.connector.fixture.Wire.subscribe311;
import static io.pabal.connector.fixture.Wire.subscribe5;
import static io.pabal.connector.fixture.Wire.twoBytes;
import static io.pabal.connector.fixture.Wire.unsubscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every field whose text a client sets and other clients receive, with every kind of text that MQTT
 * libraries refuse: control characters and non-characters.
 */
@ExtendWith(Servers.Extension.class)
class ForbiddenTextTest {

  private static final int WILL = 0x04;
  private static final int USER_NAME = 0x80;
  private static final int CLOSED = -1;

  private static final int[] FORBIDDEN = {
    0x01, '\t', '\n', 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1_FFFE,
    0x8_FFFF, 0x10_FFFF
  };

  /** The characters next to the forbidden ranges. */
  private static final int[] ALLOWED = {
    ' ', '~', 0xA0, 0xD7FF, 0xE000, 0xFDCF, 0xFDF0, 0xFEFF, 0xFFFD, 0x1_0000, 0x10_FFFD
  };

  private static EmbeddedFront front;
  private static int clients;
  private long published;
  private long connects;

  @BeforeAll
  static void open(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterAll
  static void close() {
    front.close();
  }

  @BeforeEach
  void count() {
    published = front.metrics.publishes.sum();
    connects = front.metrics.connects.sum();
  }

  @AfterEach
  void leave() {
    front.closeAllBut(null);
  }

  static Stream<Arguments> packets() {
    List<Arguments> all = new ArrayList<>();
    field(all, "topic", 0x90, text -> publish5(1, text, "p"));
    field(all, "Content Type", 0x81, text -> publish5(1, "t", "p", property(0x03, string(text))));
    field(all, "Response Topic", 0x81, text -> publish5(1, "t", "p", property(0x08, string(text))));
    field(all, "User Property name", 0x81, text -> publish5(1, "t", "p", user(text, "v")));
    field(all, "User Property value", 0x81, text -> publish5(1, "t", "p", user("n", text)));
    field(
        all,
        "second User Property",
        0x81,
        text -> publish5(1, "t", "p", user("n", "v"), user("n", text)));
    return all.stream();
  }

  static Stream<Arguments> connects() {
    List<Arguments> all = new ArrayList<>();
    field(all, "client identifier", 0x85, text -> connect5(text));
    field(
        all,
        "user name",
        0x81,
        text -> connect(5, CLEAN | USER_NAME, 0, NO_PROPERTIES, string("c"), string(text)));
    field(all, "will topic", 0x90, text -> will(text, NO_PROPERTIES));
    field(
        all,
        "will Content Type",
        0x81,
        text -> will("w", properties(property(0x03, string(text)))));
    field(
        all,
        "will Response Topic",
        0x81,
        text -> will("w", properties(property(0x08, string(text)))));
    field(all, "will User Property name", 0x81, text -> will("w", properties(user(text, "v"))));
    field(all, "will User Property value", 0x81, text -> will("w", properties(user("n", text))));
    return all.stream();
  }

  static Stream<Arguments> connects311() {
    List<Arguments> all = new ArrayList<>();
    field(all, "client identifier", 2, text -> connect311(text, true));
    field(
        all,
        "user name",
        CLOSED,
        text -> connect(4, CLEAN | USER_NAME, 0, bytes(), string("c"), string(text)));
    field(
        all,
        "will topic",
        3,
        text -> connect(4, CLEAN | WILL, 0, bytes(), string("c"), string(text), string("gone")));
    return all.stream();
  }

  static Stream<Arguments> texts() {
    return texts(FORBIDDEN).map(text -> Arguments.of(text, escaped(text)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("packets")
  void shouldRefuseAPublishOfMqtt5(String field, String escaped, int code, byte[] packet) {
    Peer peer = front.connected(connect5(nextClientId()));

    peer.send(packet);

    Packet disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(code);
    assertThat(disconnect.reason()).contains(escaped);
    peer.awaitClosed();
    assertThat(front.metrics.publishes.sum()).isEqualTo(published);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("texts")
  void shouldRefuseAPublishOfMqtt311(String text, String escaped) {
    Peer peer = front.connected(connect311(nextClientId(), true));

    peer.send(publish311(1, text, "p"));

    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
    assertThat(front.metrics.publishes.sum()).isEqualTo(published);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("connects")
  void shouldRefuseAConnectOfMqtt5(String field, String escaped, int code, byte[] packet) {
    Peer peer = front.open().send(packet);

    Packet connAck = peer.next(MqttMessageType.CONNACK);
    assertThat(connAck.code()).isEqualTo(code);
    assertThat(connAck.reason()).contains(escaped);
    peer.awaitClosed();
    assertThat(front.metrics.connects.sum()).isEqualTo(connects);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("connects311")
  void shouldRefuseAConnectOfMqtt311(String field, String escaped, int code, byte[] packet) {
    Peer peer = front.open().send(packet);

    peer.awaitClosed();
    if (code == CLOSED) {
      assertThat(peer.receive()).isEmpty();
    } else {
      assertThat(peer.next(MqttMessageType.CONNACK).code()).isEqualTo(code);
    }
    assertThat(front.metrics.connects.sum()).isEqualTo(connects);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("texts")
  void shouldRefuseAFilter(String text, String escaped) {
    Peer peer = front.connected(connect5(nextClientId()));
    peer.send(
        subscribe5(1, filter(text, 1), filter(text + "/#", 1), filter("$share/g/" + text, 1)));
    assertThat(peer.next(MqttMessageType.SUBACK).codes()).containsExactly(0x8F, 0x8F, 0x8F);
    peer.send(unsubscribe5(2, text));
    assertThat(peer.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0x8F);

    Peer old = front.connected(connect311(nextClientId(), true));
    old.send(subscribe311(1, filter(text, 1)));
    assertThat(old.next(MqttMessageType.SUBACK).codes()).containsExactly(0x80);
    // A refused subscription does not end the connection.
    old.send(Wire.pingReq());
    old.next(MqttMessageType.PINGRESP);
  }

  static Stream<Arguments> allowed() {
    return texts(ALLOWED).map(text -> Arguments.of(text, escaped(text)));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("allowed")
  void shouldAcceptTheNeighboursOfForbiddenCharacters(String text, String escaped) {
    Peer peer =
        front.connected(
            connect(
                5, CLEAN | USER_NAME, 0, NO_PROPERTIES, string("c" + text), string("u" + text)));

    peer.send(
        publish5(
            1,
            "t/" + text,
            "p",
            property(0x03, string(text)),
            property(0x08, string(text)),
            user(text, text)));

    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(1);
  }

  static Stream<Arguments> messages() {
    return Stream.of(
        Arguments.of("empty Response Topic", property(0x08, string("")), 0x82),
        Arguments.of("Response Topic #", property(0x08, string("#")), 0x82),
        Arguments.of("Response Topic a/+/b", property(0x08, string("a/+/b")), 0x82),
        Arguments.of("Response Topic a#", property(0x08, string("a#")), 0x82),
        Arguments.of("payload that is not UTF-8", property(0x01, bytes(1)), 0x99));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("messages")
  void shouldRefuseAMessageThatIsNoValidPublish(String what, byte[] property, int code) {
    byte[] garbage = bytes(0xC3, 0x28);
    Peer peer = front.connected(connect5(nextClientId()));
    peer.send(packet(0x32, string("t"), twoBytes(1), properties(property), garbage));
    Packet disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(code);
    assertThat(disconnect.reason()).isNotEmpty();
    assertThat(front.metrics.publishes.sum()).isEqualTo(published);

    byte[] will =
        connect(
            5,
            CLEAN | WILL,
            0,
            NO_PROPERTIES,
            string("c"),
            properties(property),
            string("w"),
            concat(twoBytes(garbage.length), garbage));
    assertThat(front.open().send(will).next(MqttMessageType.CONNACK).code()).isEqualTo(code);
  }

  private static void field(
      List<Arguments> all, String field, int code, Function<String, byte[]> packet) {
    texts(FORBIDDEN)
        .forEach(text -> all.add(Arguments.of(field, escaped(text), code, packet.apply(text))));
  }

  private static Stream<String> texts(int[] characters) {
    return java.util.Arrays.stream(characters)
        .mapToObj(character -> "a" + Character.toString(character) + "b");
  }

  private static String escaped(String text) {
    return "U+%04X".formatted(text.codePointAt(1));
  }

  private static byte[] user(String name, String value) {
    return Wire.userProperty(name, value);
  }

  private static byte[] will(String topic, byte[] properties) {
    return connect(
        5, CLEAN | WILL, 0, NO_PROPERTIES, string("c"), properties, string(topic), string("gone"));
  }

  private static String nextClientId() {
    return "texts-" + ++clients;
  }
}
