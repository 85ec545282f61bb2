// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.CLEAN;
import static io.pabal.connector.fixture.Wire.NO_PROPERTIES;
import static io.pabal.connector.fixture.Wire.connect;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.string;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keep Alive and the time-out for CONNECT, driven by the ticks of the keep-alive wheel. */
@ExtendWith(Servers.Extension.class)
class KeepAliveTest {

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
  @CsvSource({"10,15", "1,2", "7,11", "1000,1500", "65535,98303"})
  void shouldCloseAfterOneAndAHalfKeepAlives(int keepAliveSeconds, int silentSeconds) {
    Peer peer = front.connected(keepAlive5(keepAliveSeconds));

    front.ticks(silentSeconds);
    assertThat(peer.isOpen()).isTrue();

    front.ticks(1);
    Packet disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(0x8D);
    assertThat(disconnect.reason()).isNotEmpty();
    peer.awaitClosed();
    assertThat(front.events).anyMatch(event -> event.getReason().equals("keep-alive"));
  }

  @Test
  void shouldCloseWithoutPacketOnMqtt311() {
    Peer peer = front.connected(connect(4, CLEAN, 10, new byte[0], string("silent-311")));

    front.ticks(16);

    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
  }

  @Test
  void shouldAcceptAnyPacketAsASignOfLife() {
    Peer peer = front.connected(keepAlive5(10));
    for (int i = 0; i < 5; i++) {
      front.ticks(14);
      peer.send(i % 2 == 0 ? Wire.pingReq() : Wire.pubAck(1));
      assertThat(peer.isOpen()).isTrue();
    }

    front.ticks(16);
    peer.awaitClosed();
  }

  @Test
  void shouldNeverCloseWithoutKeepAlive() {
    Peer peer = front.connected(keepAlive5(0));

    front.ticks(100_000);

    assertThat(peer.isOpen()).isTrue();
  }

  @Test
  void shouldNotAcceptItsOwnPacketsAsASignOfLife() {
    Peer peer = front.connected(keepAlive5(10));
    peer.send(Wire.publish5(1, "silence/a", "p"));
    front.ticks(10);
    peer.next(MqttMessageType.PUBACK);

    front.ticks(6);

    assertThat(peer.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x8D);
  }

  @ParameterizedTest
  @CsvSource({"0,60", "61,60", "60,", "30,"})
  void shouldAnnounceTheKeepAliveInForce(int asked, @Nullable Integer announced, Servers servers) {
    try (EmbeddedFront limited =
        new EmbeddedFront(servers, true, Duration.ofSeconds(60), 1 << 20)) {
      Peer peer = limited.open().send(keepAlive5(asked));

      assertThat(peer.next(MqttMessageType.CONNACK).integer(MqttProperties.SERVER_KEEP_ALIVE))
          .isEqualTo(announced);
      limited.ticks(Math.min(asked == 0 ? 60 : asked, 60) * 3 / 2);
      assertThat(peer.isOpen()).isTrue();
      limited.ticks(1);
      peer.awaitClosed();
    }
  }

  @Test
  void shouldCloseAConnectionThatSendsNoConnect() {
    Peer silent = front.open();
    Peer slow = front.open();
    slow.send(Wire.bytes(0x10));

    front.ticks(EmbeddedFront.CONNECT_TIMEOUT_SECONDS);
    assertThat(silent.isOpen()).isTrue();
    slow.send(Wire.bytes(13));

    front.ticks(1);
    silent.awaitClosed();
    slow.awaitClosed();
    assertThat(silent.receive()).isEmpty();
    assertThat(front.metrics.refusals.sum()).isEqualTo(2);
  }

  @Test
  void shouldNotApplyTheConnectTimeoutAfterConnect() {
    Peer peer = front.connected(keepAlive5(0));

    front.ticks(2 * EmbeddedFront.CONNECT_TIMEOUT_SECONDS);

    assertThat(peer.isOpen()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0,60", "61,60", "65535,60", "30,30"})
  void shouldHoldMqtt311ClientsToTheMaximumToo(int asked, int inForce, Servers servers) {
    try (EmbeddedFront limited =
        new EmbeddedFront(servers, true, Duration.ofSeconds(60), 1 << 20)) {
      Peer peer = limited.connected(connect(4, CLEAN, asked, new byte[0], string("old-" + asked)));

      limited.ticks(inForce * 3 / 2);
      assertThat(peer.isOpen()).isTrue();
      limited.ticks(1);
      peer.awaitClosed();
    }
  }

  @Test
  void shouldFindASignOfLifeDuringAPauseOfReading() {
    Peer peer = pausedForTheRouter();

    for (int i = 0; i < 20; i++) {
      peer.leave(Wire.pingReq());
      front.ticks(16);
      assertThat(peer.isOpen()).as("time-out %d", i).isTrue();
      assertThat(peer.isReading()).isFalse();
    }
  }

  @Test
  void shouldDetectAClientThatLeftDuringAPauseOfReading() {
    Peer peer = pausedForTheRouter();

    // The first time-out ends with a probe of the socket.
    front.ticks(16);
    assertThat(peer.isOpen()).isTrue();
    front.ticks(16);

    peer.awaitClosed();
    assertThat(front.events).anyMatch(event -> event.getReason().equals("keep-alive"));
  }

  @Test
  void shouldNotProbeTheSocketWhenManyBytesAreHeld() {
    Peer peer = pausedForTheRouter();
    byte[] publish = publish5(1, "silence/much", "x".repeat(1_000));
    for (int i = 0; i < 100; i++) {
      peer.send(publish);
    }

    peer.leave(publish);
    front.ticks(100);

    assertThat(peer.isOpen()).isTrue();
    assertThat(peer.isUnread()).isTrue();
  }

  @Test
  void shouldDetectAClientThatTakesNoOutput() {
    Peer peer = front.connected(keepAlive5(10));
    peer.full(true);
    peer.send(Wire.pingReq());
    assertThat(peer.isReading()).isFalse();

    // Only the second check can compare the pending output with that of an earlier check.
    front.ticks(32);

    peer.awaitClosed();
    assertThat(front.events).anyMatch(event -> event.getReason().equals("keep-alive"));
  }

  @Test
  void shouldKeepAClientThatTakesOutputSlowly() {
    Peer peer = front.connected(keepAlive5(10));
    peer.stuck(true);
    for (int i = 0; i < 10; i++) {
      peer.send(Wire.pingReq());
    }
    peer.full(true);
    peer.send(Wire.pingReq());
    assertThat(peer.isReading()).isFalse();

    for (int i = 0; i < 10; i++) {
      front.ticks(16);
      assertThat(front.sessions.size()).as("time-out %d", i).isEqualTo(1);
      peer.takeOne();
    }

    // The last one that it took was seen at the first of these looks.
    front.ticks(32);
    peer.stuck(false);
    peer.awaitClosed();
    assertThat(front.events).anyMatch(event -> event.getReason().equals("keep-alive"));
  }

  @Test
  void shouldCountFromTheEndOfAPause() {
    Peer peer = front.connected(keepAlive5(10));
    peer.full(true);
    peer.send(Wire.pingReq());
    front.ticks(14);
    peer.full(false);
    peer.next(MqttMessageType.PINGRESP);

    front.ticks(15);
    assertThat(peer.isOpen()).isTrue();
    front.ticks(1);
    peer.awaitClosed();
  }

  @Test
  void shouldCloseTheOldestWhenTooManySendNoConnect() {
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < EmbeddedFront.UNCONNECTED_MAX + 3; i++) {
      peers.add(front.open());
      front.connected(connect(5, CLEAN, 0, NO_PROPERTIES, string("beside-" + i)));
    }

    for (int i = 0; i < peers.size(); i++) {
      assertThat(peers.get(i).isOpen()).as("connection %d", i).isEqualTo(i >= 4);
    }
    assertThat(front.metrics.unconnectedClosed.sum()).isEqualTo(4);
    assertThat(front.sessions.size()).isEqualTo(peers.size());
    Peer last = peers.getLast().send(keepAlive5(0));
    assertThat(last.next(MqttMessageType.CONNACK).code()).isZero();
  }

  /** A client from which reading is paused, because no router answers its SUBSCRIBEs. */
  private Peer pausedForTheRouter() {
    Peer peer = front.connected(keepAlive5(10));
    for (int packetId = 1; packetId <= 17; packetId++) {
      peer.send(Wire.subscribe5(packetId, Wire.filter("silence/" + packetId, 1)));
    }
    assertThat(peer.isReading()).isFalse();
    return peer;
  }

  private static byte[] keepAlive5(int seconds) {
    return connect(5, CLEAN, seconds, NO_PROPERTIES, string("silent-" + seconds));
  }
}
