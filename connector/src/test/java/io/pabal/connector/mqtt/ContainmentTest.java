// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.CLEAN;
import static io.pabal.connector.fixture.Wire.NO_PROPERTIES;
import static io.pabal.connector.fixture.Wire.connect;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.string;
import static io.pabal.connector.fixture.Wire.subscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.PlayedConsumer;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import io.pabal.schemas.Codecs;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An error in one connection ends only that one; the others of its event loop are still served. */
@ExtendWith(Servers.Extension.class)
class ContainmentTest {

  private static final String ADDRESS = "containment/1";

  private EmbeddedFront front;
  private Feed address;

  @BeforeEach
  void open(Servers servers) {
    front = new EmbeddedFront(servers);
    address = front.addresses.acquire(ADDRESS);
    PlayedConsumer.activate(address, 0);
  }

  @AfterEach
  void close() {
    front.close();
  }

  @Test
  void shouldEndOnlyTheSessionWhoseBufferCannotBeAllocated() {
    List<Peer> peers = Stream.of("a", "b", "c").map(this::subscribed).toList();
    peers.get(1).allocator(exhausted());

    push(1);
    push(2);

    peers.get(1).awaitClosed();
    for (Peer other : List.of(peers.get(0), peers.get(2))) {
      assertThat(other.next(MqttMessageType.PUBLISH).payload()).isEqualTo("1");
      assertThat(other.next(MqttMessageType.PUBLISH).payload()).isEqualTo("2");
      assertThat(other.isOpen()).isTrue();
    }
    assertThat(front.directMemory.isScarce()).isTrue();
    assertThat(front.sessions.size()).isEqualTo(2);
  }

  @Test
  void shouldFlushWithinALargeFanOut() {
    List<Peer> peers = IntStream.range(0, 10).mapToObj(i -> subscribed("many-" + i)).toList();
    var message = PlayedRouter.message(ADDRESS, "x".repeat(1 << 20)).build();

    PlayedConsumer.push(address, 1, Codecs.MESSAGE.encode(message), front.context);

    assertThat(peers.stream().filter(Peer::hasOutput)).hasSizeBetween(5, 9);
    peers.forEach(peer -> peer.next(MqttMessageType.PUBLISH));
  }

  @Test
  void shouldEndOnlyTheConnectionWhosePacketsFailWithAnError() {
    Peer broken = subscribed("broken");
    Peer other = subscribed("other");

    broken.fail(new NoClassDefFoundError("intended by the test"));
    push(1);

    assertThat(broken.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x80);
    broken.awaitClosed();
    assertThat(other.next(MqttMessageType.PUBLISH).payload()).isEqualTo("1");
    assertThat(front.directMemory.isScarce()).isFalse();
  }

  @Test
  void shouldCloseTheSocketWhenNoFarewellCanBeAllocated() {
    Peer peer =
        front.connected(connect(5, CLEAN, 1, NO_PROPERTIES, string("containment-farewell")));
    peer.allocator(exhausted());

    front.ticks(3); // more than one and a half times the Keep Alive

    peer.awaitClosed();
    assertThat(front.sessions.size()).isZero();
  }

  @Test
  void shouldEndTheConnectionWhoseHeldPacketFails() {
    Peer broken = front.connected(connect5("containment-held-broken"));
    Peer other = front.connected(connect5("containment-held-other"));
    front.overloaded = true;
    broken.send(subscribe5(1, filter("containment/held", 0)));
    other.send(subscribe5(1, filter(ADDRESS, 0)));
    front.onAnnounce =
        () -> {
          throw new NoClassDefFoundError("intended by the test");
        };

    front.overloaded = false;
    front.context.ingressOpened();

    assertThat(broken.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x80);
    broken.awaitClosed();
    assertThat(other.next(MqttMessageType.SUBACK).codes()).containsExactly(0);
  }

  @Test
  void shouldGiveUpThePermitOfAConnectThatFails() {
    Peer before = front.connected(connect5("containment-claim"));
    front.loop.failNext(new NoClassDefFoundError("intended by the test"));

    Peer broken = front.open().send(connect5("containment-claim"));

    assertThat(broken.next(MqttMessageType.CONNACK).code()).isEqualTo(0x88);
    broken.awaitClosed();
    assertThat(front.admission.inFlight()).isZero();
    assertThat(before.isOpen()).isTrue();
  }

  private Peer subscribed(String clientId) {
    Peer peer = front.connected(connect5("containment-" + clientId));
    peer.send(subscribe5(1, filter(ADDRESS, 0)));
    peer.next(MqttMessageType.SUBACK);
    return peer;
  }

  private void push(long offset) {
    var message = PlayedRouter.message(ADDRESS, Long.toString(offset)).build();
    PlayedConsumer.push(address, offset, Codecs.MESSAGE.encode(message));
    front.loop.run();
  }

  /** An allocator that fails as Netty's does when direct memory is used up. */
  private static ByteBufAllocator exhausted() {
    return (ByteBufAllocator)
        Proxy.newProxyInstance(
            ContainmentTest.class.getClassLoader(),
            new Class<?>[] {ByteBufAllocator.class},
            (proxy, method, arguments) -> {
              throw new OutOfMemoryError("Cannot reserve 512 bytes of direct buffer memory");
            });
  }
}
