// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.bytes;
import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.property;
import static io.pabal.connector.fixture.Wire.publish;
import static io.pabal.connector.fixture.Wire.publish311;
import static io.pabal.connector.fixture.Wire.publish5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The answers to a PUBLISH whose record is larger than {@code messages} accepts. */
@ExtendWith(Servers.Extension.class)
class RefusedPublishTest {

  private static final int RECORD_BYTES_MAX = 1_000;
  private static final String TOO_LARGE = "x".repeat(RECORD_BYTES_MAX);
  private static final byte[] NO_REASONS = property(0x17, bytes(0));

  private EmbeddedFront front;

  @BeforeEach
  void open(Servers servers) throws Exception {
    servers.messageBytesMax(RECORD_BYTES_MAX);
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void close(Servers servers) throws Exception {
    servers.messageBytesMax(Servers.MESSAGE_BYTES_MAX);
    front.close();
  }

  @Test
  void shouldRefuseOneMessageInOrderOnMqtt5() {
    Peer peer = front.connected(connect5("refused-qos1"));

    peer.send(
        publish5(1, "refused/a", "fits"),
        publish5(2, "refused/a", TOO_LARGE),
        publish5(3, "refused/a", "fits"));

    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(1);
    Packet refused = peer.next(MqttMessageType.PUBACK);
    assertThat(refused.packetId()).isEqualTo(2);
    assertThat(refused.code()).isEqualTo(0x97);
    assertThat(refused.reason()).contains("expected: at most " + RECORD_BYTES_MAX);
    Packet taken = peer.next(MqttMessageType.PUBACK);
    assertThat(taken.packetId()).isEqualTo(3);
    assertThat(taken.code()).isZero();
    assertThat(peer.isOpen()).isTrue();
    assertThat(front.metrics.appendsRefused.sum()).isEqualTo(1);
  }

  @Test
  void shouldSendNoReasonStringWhenTheClientAcceptsNone() {
    Peer peer = front.connected(connect5("refused-silent", NO_REASONS));

    peer.send(publish5(1, "refused/a", TOO_LARGE));

    Packet refused = peer.next(MqttMessageType.PUBACK);
    assertThat(refused.code()).isEqualTo(0x97);
    assertThat(refused.reason()).isEmpty();
  }

  @Test
  void shouldDisconnectWithTheReasonWhenTheMessageHasQos0() {
    Peer peer = front.connected(connect5("refused-qos0"));

    peer.send(publish(0x30, -1, "refused/a", Wire.NO_PROPERTIES, TOO_LARGE));

    Packet disconnect = peer.next(MqttMessageType.DISCONNECT);
    assertThat(disconnect.code()).isEqualTo(0x95);
    assertThat(disconnect.reason()).contains("expected: at most " + RECORD_BYTES_MAX);
    peer.awaitClosed();
  }

  @Test
  void shouldCloseTheConnectionOnMqtt311() {
    Peer peer = front.connected(connect311("refused-311", true));

    peer.send(publish311(1, "refused/a", TOO_LARGE), publish311(2, "refused/a", "fits"));

    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
  }
}
