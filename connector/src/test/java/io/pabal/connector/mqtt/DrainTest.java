// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.maximumPacketSize;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.drain.Drain;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients get when the connector drains, and at which rate. The test sets the clock. */
@ExtendWith(Servers.Extension.class)
class DrainTest {

  private static final int SESSIONS = 30;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private EmbeddedFront front;

  @BeforeEach
  void openFront(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void closeFront() {
    front.close();
  }

  @Test
  void shouldEndAsManySessionsAsTheRateAllows() {
    connect(SESSIONS);
    Drain drain = drain(20);

    for (int tick = 0; tick < SESSIONS - 1; tick++) {
      assertThat(drain.tick(tick * TICK_NANOS)).isFalse();
      assertThat(drain.tick((tick + 1) * TICK_NANOS - 1)).isFalse();
      front.loop.run();

      assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(tick + 1);
      assertThat(front.sessions.size()).isEqualTo(SESSIONS - tick - 1);
    }
    front.loop.runUntil(() -> drain.tick((SESSIONS - 1) * TICK_NANOS));
    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(SESSIONS);
  }

  @Test
  void shouldNotCatchUpWhenItWasPaused() {
    connect(SESSIONS);
    Drain drain = drain(20);

    drain.tick(0);
    drain.tick(TimeUnit.SECONDS.toNanos(5));

    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(1 + 2);
  }

  @Test
  void shouldEndAllAtOnceWithoutRate() {
    connect(SESSIONS);

    drain(0).tick(0);

    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(SESSIONS);
  }

  @Test
  void shouldEndMoreSessionsThanTheRateSaysWhenTimeWouldNotSuffice() {
    connect(SESSIONS);
    Drain drain = drain(1);

    long ticks = TIMEOUT.toNanos() / TICK_NANOS;
    for (int tick = 0; tick < ticks / 2; tick++) {
      drain.tick(tick * TICK_NANOS);
      front.loop.run();
    }
    long atHalfTime = front.metrics.sessionsDrained.sum();
    assertThat(atHalfTime).isBetween(SESSIONS / 2L, SESSIONS - 5L);
    for (long tick = ticks / 2; tick < ticks * 9 / 10; tick++) {
      drain.tick(tick * TICK_NANOS);
      front.loop.run();
    }

    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(SESSIONS);
  }

  @Test
  void shouldNotReleaseMoreSessionsAtATimeThanRedisCanStore() {
    List<EmbeddedFront.Peer> peers = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      peers.add(front.connected(resume5("released-" + i)));
    }
    Drain drain =
        new Drain(
            new ConnectorConfig.Drain(0, TIMEOUT, false, null),
            front.sessions,
            front.metrics,
            0,
            10);

    drain.tick(0);
    drain.hurry();
    drain.tick(TIMEOUT.toNanos());
    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(10);
    front.loop.runUntil(() -> drain.tick(0));

    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(SESSIONS);
    assertThat(peers).allSatisfy(EmbeddedFront.Peer::awaitClosed);
  }

  @Test
  void shouldEndTheRestAtOnceWhenTimeIsUp() {
    connect(SESSIONS);
    Drain drain = drain(1);

    drain.tick(0);
    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(1);
    drain.tick(TIMEOUT.toNanos());

    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(SESSIONS);
  }

  @Test
  void shouldEndTheRestAtOnceWhenHurried() {
    connect(SESSIONS);
    Drain drain = drain(1);
    drain.tick(0);

    drain.hurry();
    drain.tick(1);

    assertThat(front.metrics.sessionsDrained.sum()).isEqualTo(SESSIONS);
  }

  @Test
  void shouldEndSessionThatBeganAfterTheWalkOverSessions() {
    connect(1);
    Drain drain = drain(0);
    drain.tick(0);

    front.connected(connect5("late"));
    front.loop.runUntil(() -> drain.tick(0));

    assertThat(front.sessions.size()).isZero();
  }

  @Test
  void shouldSendEachClientToTheNextConnectorThatIsUp() {
    changed("c2", ConnectorStatus.UP, "10.0.0.2");
    changed("c3", ConnectorStatus.UP, "10.0.0.3");
    changed("c4", ConnectorStatus.UP, "10.0.0.4");
    changed("c4", ConnectorStatus.DRAINING, "10.0.0.4");
    changed("c5", ConnectorStatus.UP, "0.0.0.0");
    changed("front", ConnectorStatus.UP, "10.0.0.1");
    changed("c6", ConnectorStatus.UP, "fe80::6");
    changed("c7", ConnectorStatus.UP, "10.0.0.7");
    front.references.connectorChanged("c7", null);
    List<EmbeddedFront.Peer> peers = connect(3);

    drain(0).tick(0);

    List<@Nullable String> references = new ArrayList<>();
    for (EmbeddedFront.Peer peer : peers) {
      Packet packet = peer.next(MqttMessageType.DISCONNECT);
      assertThat(packet.code()).isEqualTo(0x9C);
      references.add(reference(packet));
      peer.awaitClosed();
    }
    assertThat(references)
        .containsOnly("10.0.0.2:1883", "10.0.0.3:1883", "[fe80::6]:1883")
        .doesNotHaveDuplicates()
        .hasSize(3);
  }

  @Test
  void shouldSendNoReferenceWhenNoneIsKnown() {
    EmbeddedFront.Peer peer = connect(1).getFirst();

    drain(0).tick(0);

    assertThat(reference(peer.next(MqttMessageType.DISCONNECT))).isNull();
  }

  @Test
  void shouldCloseClientsOfVersion311WithoutPacket() {
    EmbeddedFront.Peer peer = front.connected(connect311("v311", true));

    drain(0).tick(0);

    peer.awaitClosed();
    assertThat(peer.receive()).isEmpty();
  }

  @Test
  void shouldLeaveOutReferenceThatExceedsTheMaximumPacketSize() {
    changed("c2", ConnectorStatus.UP, "h".repeat(128));
    EmbeddedFront.Peer peer = front.connected(connect5("small", maximumPacketSize(128)));

    drain(0).tick(0);

    Packet packet = peer.next(MqttMessageType.DISCONNECT);
    assertThat(reference(packet)).isNull();
    assertThat(packet.reason()).contains("leaving");
  }

  @Test
  void shouldRedirectConnectThatArrivesDuringTheDrain() {
    AtomicInteger asked = new AtomicInteger();
    front.beforeClaim = asked::incrementAndGet;
    changed("c2", ConnectorStatus.UP, "10.0.0.2");
    front.redirection.begin();

    EmbeddedFront.Peer mqtt5 = front.open().send(resume5("late-5"));
    EmbeddedFront.Peer mqtt311 = front.open().send(connect311("late-311", true));

    Packet refused = mqtt5.next(MqttMessageType.CONNACK);
    assertThat(refused.code()).isEqualTo(0x9C);
    assertThat(reference(refused)).isEqualTo("10.0.0.2:1883");
    mqtt5.awaitClosed();
    assertThat(mqtt311.next(MqttMessageType.CONNACK).code()).isEqualTo(3);
    mqtt311.awaitClosed();
    assertThat(front.metrics.connectsRedirected.sum()).isEqualTo(2);
    assertThat(asked).as("sessions that were nearly claimed").hasValue(0);
  }

  @Test
  void shouldRedirectConnectThatIsClaimingItsSession() {
    front.beforeClaim = front.redirection::begin;

    EmbeddedFront.Peer peer = front.open().send(resume5("claiming"));

    assertThat(peer.next(MqttMessageType.CONNACK).code()).isEqualTo(0x9C);
    peer.awaitClosed();
    assertThat(front.sessions.size()).isZero();
  }

  @Test
  void shouldDisconnectOnlyWhenTheCursorsAreWritten() {
    EmbeddedFront.Peer peer = front.connected(resume5("written"));
    CompletableFuture<Void> released =
        front.sessions.all().iterator().next().drain().toCompletableFuture();

    peer.next(MqttMessageType.DISCONNECT);

    assertThat(released).isDone();
  }

  @Test
  void shouldAcknowledgePublishesOnTheirWayToKafkaFirst() {
    EmbeddedFront.Peer peer = front.connected(connect5("publishing"));

    peer.send(publish5(1, "drain/on-its-way", "a"), publish5(2, "drain/on-its-way", "b"));
    drain(0).tick(0);

    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(1);
    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(2);
    assertThat(peer.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x9C);
  }

  @Test
  void shouldProcessNoPublishOnceTheSessionIsDrained() {
    EmbeddedFront.Peer peer = front.connected(connect5("more"));
    peer.send(publish5(1, "drain/more", "a"));
    drain(0).tick(0);
    front.loop.run();

    peer.send(publish5(2, "drain/more", "b"));

    assertThat(peer.next(MqttMessageType.PUBACK).packetId()).isEqualTo(1);
    peer.next(MqttMessageType.DISCONNECT);
    assertThat(front.metrics.publishes.sum()).isEqualTo(1);
  }

  @Test
  void shouldWriteTheReasonToTheSessionsTopic() {
    EmbeddedFront.Peer peer = front.connected(resume5("told"));

    drain(0).tick(0);
    peer.awaitClosed();

    SessionEvent last = front.events.getLast();
    assertThat(last.getKind()).isEqualTo(SessionEventKind.DISCONNECTED);
    assertThat(last.getReason()).isEqualTo("draining");
  }

  private List<EmbeddedFront.Peer> connect(int count) {
    List<EmbeddedFront.Peer> peers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      peers.add(front.connected(connect5("drained-" + i)));
    }
    return peers;
  }

  private Drain drain(int sessionsPerSecond) {
    return new Drain(
        new ConnectorConfig.Drain(sessionsPerSecond, TIMEOUT, false, null),
        front.sessions,
        front.metrics,
        0);
  }

  private void changed(String id, ConnectorStatus status, String host) {
    front.references.connectorChanged(
        id,
        Codecs.CONNECTOR_STATE.encode(new ConnectorState(1L, status, host, 1883, Instant.EPOCH)));
  }

  private static @Nullable String reference(Packet packet) {
    return packet.properties().getProperty(MqttProperties.SERVER_REFERENCE)
            instanceof MqttProperties.StringProperty reference
        ? reference.value()
        : null;
  }
}
