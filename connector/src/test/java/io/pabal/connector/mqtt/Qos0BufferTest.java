// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.subscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import io.pabal.schemas.Codecs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What QoS 0 subscribers get while their sockets are full. */
@ExtendWith(Servers.Extension.class)
class Qos0BufferTest {

  /** The packet is slightly larger, by its topic and header. */
  private static final int PAYLOAD_BYTES = 980;

  private EmbeddedFront front;
  private long offset;

  @BeforeEach
  void open(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void close() {
    front.close();
  }

  @Test
  void shouldSendAWholeBurstToASubscriberThatReads() {
    Peer peer = subscribed("burst");

    push("qos0/burst", 600);

    assertThat(peer.receive()).hasSize(600);
    assertThat(front.metrics.qos0Dropped.sum()).isZero();
    assertThat(front.qos0Budget.taken()).isZero();
  }

  @Test
  void shouldBufferUpToTheBoundForASocketThatIsFull() {
    Peer peer = subscribed("full");
    peer.full(true);

    push("qos0/full", 30);

    assertThat(front.metrics.qos0Dropped.sum()).isEqualTo(20);
    assertThat(front.qos0Budget.taken()).isBetween(9_000L, 10_000L);
    peer.full(false);
    assertThat(peer.receive()).hasSize(10);
    assertThat(front.qos0Budget.taken()).isZero();

    // After the client has read, its buffer has room again.
    peer.receive().clear();
    peer.full(true);
    push("qos0/full", 5);
    peer.full(false);
    assertThat(peer.receive()).hasSize(5);
    assertThat(front.metrics.qos0Dropped.sum()).isEqualTo(20);
  }

  @Test
  void shouldBoundTheBytesThatWaitOverAllClients() {
    Peer first = subscribed("first");
    Peer second = subscribed("second");
    first.full(true);
    second.full(true);

    push("qos0/first", 30);
    push("qos0/second", 30);

    assertThat(front.qos0Budget.taken()).isLessThanOrEqualTo(EmbeddedFront.QOS0_BUFFERS_BYTES_MAX);
    assertThat(front.metrics.qos0Dropped.sum()).isEqualTo(20 + 25);
    first.close();
    second.close();
    front.loop.runUntil(() -> front.sessions.size() == 0);
    assertThat(front.qos0Budget.taken()).isZero();
  }

  private Peer subscribed(String name) {
    Peer peer = front.connected(connect5("qos0-" + name));
    peer.send(subscribe5(1, filter("qos0/" + name, 0)));
    Feed address = front.addresses.acquire("qos0/" + name);
    PlayedConsumer.activate(address, offset);
    assertThat(peer.next(MqttMessageType.SUBACK).codes()).containsExactly(0);
    return peer;
  }

  /** Delivers {@code count} messages in one batch of the event loop. */
  private void push(String topic, int count) {
    Feed address = front.addresses.acquire(topic);
    byte[] value =
        Codecs.MESSAGE.encode(
            PlayedRouter.message(topic, "x".repeat(PAYLOAD_BYTES)).setQos(0).build());
    for (int i = 0; i < count; i++) {
      PlayedConsumer.push(address, ++offset, value);
    }
  }
}
