// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.CLEAN;
import static io.pabal.connector.fixture.Wire.NO_PROPERTIES;
import static io.pabal.connector.fixture.Wire.bytes;
import static io.pabal.connector.fixture.Wire.connect;
import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.packet;
import static io.pabal.connector.fixture.Wire.properties;
import static io.pabal.connector.fixture.Wire.property;
import static io.pabal.connector.fixture.Wire.string;
import static io.pabal.connector.fixture.Wire.twoBytes;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import io.pabal.telemetry.LogLimiter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** CONNECT: which clients are accepted, and how the others are refused. */
@ExtendWith(Servers.Extension.class)
class ConnectTest {

  private static final int WILL = 0x04;
  private static final int AUTHENTICATION_METHOD = 0x15;
  private static final byte[] NONE = {};

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
  void shouldDeclareWhatIsNotSupported() {
    Packet connAck = front.open().send(connect5("declares")).next(MqttMessageType.CONNACK);

    assertThat(connAck.code()).isZero();
    assertThat(connAck.sessionPresent()).isFalse();
    assertThat(connAck.integer(MqttProperties.MAXIMUM_QOS)).isEqualTo(1);
    assertThat(connAck.integer(MqttProperties.RETAIN_AVAILABLE)).isZero();
    assertThat(connAck.integer(MqttProperties.WILDCARD_SUBSCRIPTION_AVAILABLE)).isZero();
    assertThat(connAck.integer(MqttProperties.SHARED_SUBSCRIPTION_AVAILABLE)).isZero();
    assertThat(connAck.integer(MqttProperties.SUBSCRIPTION_IDENTIFIER_AVAILABLE)).isZero();
    assertThat(connAck.integer(MqttProperties.RECEIVE_MAXIMUM))
        .isEqualTo(EmbeddedFront.RECEIVE_MAX);
    assertThat(connAck.integer(MqttProperties.MAXIMUM_PACKET_SIZE))
        .isEqualTo(EmbeddedFront.PACKET_BYTES_MAX);
    // An absent Topic Alias Maximum means 0: no aliases.
    assertThat(connAck.integer(MqttProperties.TOPIC_ALIAS_MAXIMUM)).isNull();
    assertThat(connAck.integer(MqttProperties.SERVER_KEEP_ALIVE)).isNull();
    assertThat(connAck.integer(MqttProperties.SESSION_EXPIRY_INTERVAL)).isNull();
  }

  @Test
  void shouldAcceptMqtt311() {
    Packet connAck = front.open().send(connect311("old", true)).next(MqttMessageType.CONNACK);

    assertThat(connAck.code()).isZero();
    assertThat(connAck.sessionPresent()).isFalse();
    assertThat(connAck.properties().listAll()).isEmpty();
  }

  @Test
  void shouldAssignAClientIdentifierOnMqtt5() {
    Packet first = front.open().send(connect5("")).next(MqttMessageType.CONNACK);
    Packet second = front.open().send(connect5("")).next(MqttMessageType.CONNACK);

    assertThat(assigned(first)).isNotEmpty().isNotEqualTo(assigned(second));
    assertThat(assigned(second)).isNotEmpty();
    assertThat(front.sessions.size()).isEqualTo(2);
  }

  @Test
  void shouldAcceptMqtt311WithoutClientIdentifierWhenTheSessionIsClean() {
    Packet connAck = front.open().send(connect311("", true)).next(MqttMessageType.CONNACK);

    assertThat(connAck.code()).isZero();
  }

  @Test
  void shouldAnnounceTheSessionExpiryThatItGrants() {
    Packet connAck =
        front
            .open()
            .send(connect5("for-ever", Wire.sessionExpiry(0xFFFF_FFFFL)))
            .next(MqttMessageType.CONNACK);

    assertThat(connAck.integer(MqttProperties.SESSION_EXPIRY_INTERVAL))
        .isEqualTo(EmbeddedFront.SESSION_EXPIRY_MAX_SECONDS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldSayThatASessionIsPresent(boolean mqtt5) {
    String clientId = "present-" + mqtt5;
    byte[] connect = mqtt5 ? Wire.resume5(clientId) : connect311(clientId, false);
    Peer peer = front.open().send(connect);
    assertThat(peer.next(MqttMessageType.CONNACK).sessionPresent()).isFalse();
    peer.send(Wire.disconnect()).awaitClosed();

    Peer again = front.open().send(connect);
    assertThat(again.next(MqttMessageType.CONNACK).sessionPresent()).isTrue();
    again.close();

    byte[] clean = mqtt5 ? connect5(clientId) : connect311(clientId, true);
    assertThat(front.open().send(clean).next(MqttMessageType.CONNACK).sessionPresent()).isFalse();
  }

  static Stream<Arguments> refusedOnMqtt5() {
    return Stream.of(
        refused(
            "will",
            connect(
                5,
                CLEAN | WILL,
                0,
                NO_PROPERTIES,
                string("c"),
                NO_PROPERTIES,
                string("will/topic"),
                string("gone")),
            0x83,
            "will"),
        refused(
            "enhanced authentication",
            connect5("c", property(AUTHENTICATION_METHOD, string("SCRAM-SHA-1"))),
            0x8C,
            "enhanced authentication"),
        refused("client identifier too long", connect5("c".repeat(33)), 0x85, "32"),
        refused("client identifier too long in bytes", connect5("가".repeat(11)), 0x85, "32"),
        refused("Receive Maximum 0", connect5("c", Wire.receiveMaximum(0)), 0x82, "3.1.2.11.3"),
        refused(
            "Maximum Packet Size 0", connect5("c", Wire.maximumPacketSize(0)), 0x82, "3.1.2.11.4"),
        refused(
            "Maximum Packet Size too small",
            connect5("c", Wire.maximumPacketSize(100)),
            0x95,
            "100"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedOnMqtt5")
  void shouldRefuseOnMqtt5(String what, byte[] connect, int code, String reason) {
    Peer peer = front.open().send(connect);

    Packet connAck = peer.next(MqttMessageType.CONNACK);
    assertThat(connAck.code()).isEqualTo(code);
    assertThat(connAck.reason()).contains(reason);
    assertThat(connAck.sessionPresent()).isFalse();
    expectRefused(peer);
  }

  static Stream<Arguments> refusedOnMqtt311() {
    return Stream.of(
        refused(
            "will",
            connect(4, CLEAN | WILL, 0, NONE, string("c"), string("will/topic"), string("gone")),
            3,
            ""),
        refused("client identifier too long", connect311("c".repeat(33), true), 2, ""),
        refused("no client identifier, session not clean", connect311("", false), 2, ""),
        refused("protocol level 6", connect(6, CLEAN, 0, NO_PROPERTIES, string("c")), 1, ""),
        refused("protocol level 0", connect(0, CLEAN, 0, NO_PROPERTIES, string("c")), 1, ""),
        refused("MQTT 3.1", mqtt31("MQIsdp", 3), 1, ""),
        refused("unknown protocol", mqtt31("HTTP/2", 2), 1, ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedOnMqtt311")
  void shouldRefuseOnMqtt311(String what, byte[] connect, int returnCode, String unused) {
    Peer peer = front.open().send(connect);

    Packet connAck = peer.next(MqttMessageType.CONNACK);
    assertThat(connAck.code()).isEqualTo(returnCode);
    assertThat(connAck.sessionPresent()).isFalse();
    expectRefused(peer);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void shouldRefuseEveryClientWhenTheListenerIsNotAnonymous(int level, Servers servers) {
    try (EmbeddedFront closed = new EmbeddedFront(servers, false, Duration.ZERO, 1 << 20)) {
      Peer peer = closed.open().send(level == 5 ? connect5("c") : connect311("c", true));

      assertThat(peer.next(MqttMessageType.CONNACK).code()).isEqualTo(level == 5 ? 0x87 : 5);
      peer.awaitClosed();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void shouldRefuseWhenTheBacklogForKafkaIsTooLarge(int level) {
    front.overloaded = true;

    Peer peer = front.open().send(level == 5 ? connect5("c") : connect311("c", true));

    assertThat(peer.next(MqttMessageType.CONNACK).code()).isEqualTo(level == 5 ? 0x89 : 3);
    peer.awaitClosed();
    assertThat(front.metrics.connectsOverBacklog.sum()).isEqualTo(1);
    assertThat(front.metrics.connects.sum()).isZero();
  }

  static Stream<Arguments> closedWithoutReply() {
    return Stream.of(
        silent("HTTP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
        silent("TLS", bytes(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0x5f, 0x20, 0x11, 0x7a, 0x10)),
        silent("zeros", new byte[64]),
        silent("ones", bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
        silent("a Remaining Length without end", bytes(0x10, 0xff, 0xff, 0xff, 0xff, 0x7f)),
        silent("reserved connect flag", connect(5, CLEAN | 1, 0, NO_PROPERTIES, string("c"))),
        silent(
            "bytes after the payload",
            connect(5, CLEAN, 0, NO_PROPERTIES, string("c"), bytes(1, 2, 3))),
        silent("client identifier with U+0000", connect5("a\0b")),
        silent(
            "payload cut short",
            Wire.concat(packet(0x10, string("MQTT"), bytes(5, CLEAN, 0, 0, 0, 0, 9)), new byte[9])),
        silent("reserved flags of CONNECT", flags(connect5("c"), 0x01)),
        silent(
            "larger than allowed",
            connect5("c", property(0x26, Wire.concat(string("k"), string("v".repeat(3_000)))))),
        silent("PINGREQ first", Wire.pingReq()),
        silent("PUBLISH first", Wire.publish311(1, "a", "b")),
        silent("SUBSCRIBE first", Wire.subscribe311(1, Wire.filter("a", 0))),
        silent("DISCONNECT first", Wire.disconnect()),
        silent("CONNACK first", packet(0x20, bytes(0, 0))),
        silent("AUTH first", packet(0xF0, bytes(0, 0))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("closedWithoutReply")
  void shouldCloseWithoutReply(String what, byte[] sent) {
    Peer peer = front.open().send(sent);

    expectRefused(peer);
  }

  @Test
  void shouldSurviveAnyGarbage() {
    long seed = System.nanoTime();
    System.out.println("ConnectTest seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] garbage = new byte[1 + random.nextInt(200)];
      random.nextBytes(garbage);
      if (garbage[0] >>> 4 == 1) {
        garbage[0] = 0x11;
      }
      Peer peer = front.open().send(garbage);
      peer.close();
      assertThat(peer.isOpen()).as("seed %d round %d", seed, i).isFalse();
    }
    assertThat(front.connected(connect5("after-garbage")).isOpen()).isTrue();
  }

  @Test
  void shouldNotBufferAPacketThatAnnouncesAHugeLength() {
    // A PUBLISH that announces 200 MB, of which 199 MB are properties; 1 MB of it is sent.
    Peer peer = front.connected(connect5("huge"));
    byte[] start =
        Wire.concat(
            bytes(0x30),
            Wire.variableByteInteger(200 << 20),
            string("t"),
            Wire.variableByteInteger(199 << 20));

    peer.send(start);
    byte[] more = new byte[8 * 1024];
    int sent = 0;
    while (peer.isOpen() && sent < 1 << 20) {
      peer.send(more);
      sent += more.length;
    }

    assertThat(peer.isOpen()).as("open after %d bytes", sent).isFalse();
    assertThat(sent).isLessThan(100_000);
    assertThat(peer.next(MqttMessageType.DISCONNECT).code()).isIn(0x95, 0x81);
  }

  @Test
  void shouldLeaveOutAReasonThatExceedsTheMaximumPacketSize() {
    byte[] will =
        connect(
            5,
            CLEAN | WILL,
            0,
            properties(Wire.maximumPacketSize(20)),
            string("c"),
            NO_PROPERTIES,
            string("w"),
            string(""));

    Packet connAck = front.open().send(will).next(MqttMessageType.CONNACK);

    assertThat(connAck.code()).isNotZero();
    assertThat(connAck.reason()).isEmpty();
  }

  @Test
  void shouldWriteOneLineForARefusalAndNoStackTrace() {
    Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level level = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try {
      front.open().send(bytes(0x47, 0x45, 0x54)).awaitClosed();
      front.open().send(connect5("c".repeat(33))).awaitClosed();
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(level);
    }

    assertThat(lines.list).hasSize(2);
    assertThat(lines.list).allMatch(line -> line.getThrowableProxy() == null);
    assertThat(lines.list.getFirst().getFormattedMessage()).contains("code=0x81");
    assertThat(lines.list.getLast().getFormattedMessage()).contains("code=0x85", "client=ccc");
  }

  @Test
  void shouldWriteABoundedNumberOfLinesWhenManyClientsAreRefused() {
    Logger logger = (Logger) LoggerFactory.getLogger("io.pabal.connector");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level level = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    front.refusalLogStepNanos = 0;
    try {
      for (int i = 0; i < 100; i++) {
        front.open().send(connect5("c".repeat(33))).awaitClosed();
      }
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(level);
    }

    assertThat(lines.list)
        .filteredOn(line -> line.getFormattedMessage().contains("client=ccc"))
        .hasSize(LogLimiter.LINES_PER_SECOND);
    assertThat(front.metrics.refusals.sum(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID)).isEqualTo(100);
  }

  @Test
  void shouldAcceptAConnectThatArrivesByteByByte() {
    Peer peer = front.open().sendByteByByte(connect5("slowly"));

    assertThat(peer.next(MqttMessageType.CONNACK).code()).isZero();
  }

  @Test
  void shouldProcessInOrderPacketsSentTogetherWithConnect() {
    byte[] together =
        Wire.concat(
            connect5("together"),
            Wire.pingReq(),
            Wire.subscribe5(1, Wire.filter("#", 1)),
            Wire.publish5(2, "together/1", "a"),
            Wire.unsubscribe5(3, "nothing"),
            Wire.pingReq());

    Peer peer = front.open().send(together);

    assertThat(peer.next(MqttMessageType.CONNACK).code()).isZero();
    peer.next(MqttMessageType.PINGRESP);
    assertThat(peer.next(MqttMessageType.SUBACK).codes()).containsExactly(0xA2);
    assertThat(peer.next(MqttMessageType.UNSUBACK).codes()).containsExactly(0x11);
    peer.next(MqttMessageType.PINGRESP);
    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(2);
    assertThat(peer.isReading()).isTrue();
  }

  @Test
  void shouldPauseReadingWhenAPacketArrivesWhileTheSessionIsBeingClaimed() {
    Peer patient = front.open().send(connect5("patient"));
    assertThat(patient.isReading()).isTrue();

    Peer hasty = front.open().send(connect5("hasty"), Wire.pingReq());
    // Reading goes on only when Redis has answered the claim already.
    assertThat(hasty.isReading() && hasty.receive().isEmpty()).isFalse();

    hasty.next(MqttMessageType.CONNACK);
    hasty.next(MqttMessageType.PINGRESP);
    assertThat(hasty.isReading()).isTrue();
  }

  @Test
  void shouldGiveUpASessionWhoseClientLeftWhileItWasClaimed() {
    Peer peer = front.open().send(Wire.resume5("left-early"));
    peer.close();
    front.loop.runUntil(() -> front.sessions.size() == 0);

    Peer again = front.connected(connect5("left-early"));
    assertThat(again.isOpen()).isTrue();
  }

  @Test
  void shouldProcessADisconnectSentTogetherWithConnect() {
    Peer peer = front.open().send(connect5("in-and-out"), Wire.disconnect());

    assertThat(peer.next(MqttMessageType.CONNACK).code()).isZero();
    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
    assertThat(front.metrics.refusals.sum()).isZero();
  }

  private void expectRefused(Peer peer) {
    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
    assertThat(front.metrics.refusals.sum()).isEqualTo(1);
    assertThat(front.sessions.size()).isZero();
    assertThat(front.metrics.connects.sum()).isZero();
  }

  private static String assigned(Packet connAck) {
    return connAck.properties().getProperty(MqttProperties.ASSIGNED_CLIENT_IDENTIFIER)
            instanceof StringProperty id
        ? id.value()
        : "";
  }

  private static byte[] mqtt31(String name, int level) {
    return packet(0x10, string(name), bytes(level, CLEAN), twoBytes(0), string("c"));
  }

  private static byte[] flags(byte[] packet, int flags) {
    byte[] changed = packet.clone();
    changed[0] |= (byte) flags;
    return changed;
  }

  private static Arguments refused(String what, byte[] connect, int code, String reason) {
    return Arguments.of(what, connect, code, reason);
  }

  private static Arguments silent(String what, byte[] sent) {
    return Arguments.of(what, sent);
  }
}
