// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.bytes;
import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.disconnect;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.publish;
import static io.pabal.connector.fixture.Wire.publish311;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.resume5;
import static io.pabal.connector.fixture.Wire.subscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import io.pabal.schemas.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Packets that a client sent before it closed its connection are processed, in every state of the
 * connection.
 */
@ExtendWith(Servers.Extension.class)
class EndOfStreamTest {

  private EmbeddedFront front;

  @BeforeEach
  void open(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void close() {
    front.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void shouldProcessPacketsSentTogetherWithConnect(int level, Servers servers) {
    String topic = "end/together" + level;
    try (TopicTail<Message> messages = TopicTail.messages(servers, topic)) {
      Peer peer = front.open();
      front.loop.hold(); // Redis answers when the client is gone
      peer.send(
          level == 5 ? connect5("together5") : connect311("together4", true),
          publish(0x30, -1, topic, level == 5 ? bytes(0) : bytes(), "QoS 0"),
          level == 5 ? publish5(1, topic, "QoS 1") : publish311(1, topic, "QoS 1"),
          disconnect());
      peer.close();
      front.loop.release();

      awaitPublishes(2);
      assertThat(text(messages.next())).isEqualTo("QoS 0");
      assertThat(text(messages.next())).isEqualTo("QoS 1");
    }
    front.loop.runUntil(() -> front.sessions.size() == 0);
    assertThat(front.events).anyMatch(event -> event.getReason().equals("client"));
  }

  @Test
  void shouldEndAfterTheLastPacketWithoutDisconnect() {
    Peer peer = front.open();
    front.loop.hold();
    peer.send(connect5("no-farewell"), publish5(1, "end/no-farewell", "p"));
    peer.close();
    front.loop.release();

    awaitPublishes(1);
    front.loop.runUntil(() -> front.sessions.size() == 0);
    assertThat(front.events).anyMatch(event -> event.getReason().equals("connection-lost"));
    assertThat(front.held.taken()).isZero();
  }

  @Test
  void shouldBeginNoSessionForAClientThatLeftAfterConnect() {
    Peer peer = front.open();
    peer.send(connect5("only-connect"));
    peer.close();

    front.connected(connect5("another"));
    assertThat(front.metrics.connects.sum()).isEqualTo(1);
  }

  @Test
  void shouldProcessPacketsSentWhileConnectWaited(Servers servers) {
    try (EmbeddedFront narrow =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(
                ConnectorConfig.InFlight.fixed(1_000), 1, Duration.ofSeconds(5)))) {
      narrow.connected(connect5("first"));
      Peer peer = narrow.open();
      peer.send(connect5("waits"), publish5(1, "end/waits", "p"));
      assertThat(narrow.admission.waiting()).isEqualTo(1);
      peer.close();

      narrow.nowNanos += Duration.ofSeconds(1).toNanos();
      narrow.loop.advance(Duration.ofSeconds(1));

      narrow.loop.runUntil(() -> narrow.metrics.publishes.sum() == 1);
    }
  }

  @Test
  void shouldProcessPacketsSentWhileReadingWasPausedForKafka(Servers servers) {
    try (EmbeddedFront narrow = new EmbeddedFront(servers, true, Duration.ZERO, 1_500)) {
      Peer peer = narrow.connected(connect5("paused"));
      byte[][] burst = new byte[10][];
      for (int i = 0; i < burst.length; i++) {
        burst[i] = publish(0x30, -1, "end/paused", bytes(0), "x".repeat(1_000));
      }
      peer.send(burst);
      assertThat(peer.isReading()).isFalse();
      peer.close();

      narrow.loop.runUntil(() -> narrow.metrics.publishes.sum() == 10);
      narrow.loop.runUntil(() -> narrow.sessions.size() == 0);
    }
  }

  @Test
  void shouldProcessPacketsSentWhileTheClientDidNotRead() {
    Peer peer = front.connected(connect5("full"));
    peer.full(true);
    peer.send(publish5(1, "end/full", "a"), publish5(2, "end/full", "b"));
    assertThat(front.metrics.publishes.sum()).isZero();

    peer.close();

    awaitPublishes(2);
    front.loop.runUntil(() -> front.sessions.size() == 0);
  }

  @Test
  void shouldProcessPublishesOfAnMqtt311ClientBeyondTheReceiveMaximum() {
    int count = 3 * EmbeddedFront.RECEIVE_MAX;
    byte[][] burst = new byte[count][];
    for (int i = 0; i < count; i++) {
      burst[i] = publish311(i + 1, "end/eager", "p");
    }
    Peer peer = front.connected(connect311("eager", true));
    peer.send(burst);
    peer.close();

    awaitPublishes(count);
  }

  @Test
  void shouldSendNothingToAClientThatHasLeft() {
    front.connected(resume5("gone")).send(disconnect()).awaitClosed();

    Peer peer = front.open();
    front.loop.hold();
    peer.send(
        resume5("gone"),
        Wire.pingReq(),
        subscribe5(1, filter("#", 0)),
        publish5(2, "end/gone", "p"));
    peer.close();
    front.loop.release();

    awaitPublishes(1);
    front.loop.runUntil(() -> front.sessions.size() == 0);
    assertThat(peer.receive()).isEmpty();
  }

  @Test
  void shouldBoundTheBytesHeldForClients() {
    byte[] payload = new byte[1_500];
    java.util.Arrays.fill(payload, (byte) 'x');
    String text = new String(payload, StandardCharsets.US_ASCII);
    byte[][] burst = new byte[100][];
    for (int i = 0; i < burst.length; i++) {
      burst[i] = publish(0x30, -1, "end/much", bytes(0), text);
    }
    front.loop.hold(); // Redis does not answer yet
    Peer peer = front.open();
    peer.send(connect5("much"));
    int sent = 0;
    while (peer.isOpen() && sent < 100 << 20) {
      peer.send(burst);
      sent += burst.length * payload.length;
    }

    assertThat(peer.isOpen()).isFalse();
    assertThat(front.held.taken()).isZero();
    assertThat(sent).isGreaterThan(HeldPackets.FREE_BYTES);
    front.loop.release();
  }

  private void awaitPublishes(int count) {
    front.loop.runUntil(() -> front.metrics.publishes.sum() == count);
  }

  private static String text(Message message) {
    return StandardCharsets.UTF_8.decode(message.getPayload()).toString();
  }
}
