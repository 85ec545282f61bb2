// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Wire;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.StoredFeed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients get when more of them connect than admission allows. The test sets the clock, and no
 * router answers.
 */
@ExtendWith(Servers.Extension.class)
@SuppressWarnings("NullAway.Init") // each test opens the front that it needs
class AdmittedTest {

  private static final String RATE = "too many sessions come back; try again later";
  private static final String IN_FLIGHT = "too many sessions are on their way in; try again later";

  private static final Duration WAIT = Duration.ofSeconds(5);

  private EmbeddedFront front;

  @AfterEach
  void closeFront() {
    front.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void shouldRefuseMoreThanTheRate(int level, Servers servers) {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1_000), 1, Duration.ZERO));
    front.connected(connect5("first"));

    EmbeddedFront.Peer second =
        front.open().send(level == 5 ? connect5("second") : connect311("second", true));

    Packet refused = second.next(MqttMessageType.CONNACK);
    assertThat(refused.code()).isEqualTo(level == 5 ? 0x97 : 3);
    assertThat(refused.reason()).isEqualTo(level == 5 ? RATE : "");
    second.awaitClosed();
    assertThat(front.metrics.connectsOverRate.sum()).isEqualTo(1);
    assertThat(front.metrics.connects.sum()).isEqualTo(1);

    front.nowNanos += TimeUnit.SECONDS.toNanos(1);
    front.connected(connect5("second"));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void shouldRefuseMoreThanMayBeInFlight(int level, Servers servers) throws Exception {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(
                ConnectorConfig.InFlight.fixed(1), 1_000_000, Duration.ZERO));
    store(servers, "waiting" + level);
    EmbeddedFront.Peer waiting = front.connected(resume5("waiting" + level));

    EmbeddedFront.Peer second =
        front.open().send(level == 5 ? connect5("second") : connect311("second", true));

    Packet refused = second.next(MqttMessageType.CONNACK);
    assertThat(refused.code()).isEqualTo(level == 5 ? 0x88 : 3);
    assertThat(refused.reason()).isEqualTo(level == 5 ? IN_FLIGHT : "");
    second.awaitClosed();
    assertThat(front.metrics.connectsOverInFlight.sum()).isEqualTo(1);

    waiting.close();
    front.connected(connect5("second"));
  }

  @Test
  void shouldHoldBackConnectsWhileASubscribeIsNotAnswered(Servers servers) {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1), 0, Duration.ZERO));
    EmbeddedFront.Peer subscribing = front.connected(connect5("subscribing"));
    subscribing.send(Wire.subscribe5(1, Wire.filter("admitted/subscribing", 1)));

    EmbeddedFront.Peer second = front.open().send(connect5("second"));
    assertThat(second.next(MqttMessageType.CONNACK).code()).isEqualTo(0x88);

    subscribing.close();
    front.connected(connect5("second"));
  }

  @Test
  void shouldNotCountSessionWithoutSubscriptions(Servers servers) {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(
                ConnectorConfig.InFlight.fixed(1), 1_000_000, Duration.ZERO));

    front.connected(connect5("publisher-1"));
    front.connected(connect5("publisher-2"));
    front.connected(resume5("publisher-3"));
  }

  @Test
  void shouldNotCountConnectThatCannotBeServed(Servers servers) {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1), 1, Duration.ZERO));

    EmbeddedFront.Peer tooLong =
        front.open().send(connect5("c".repeat(EmbeddedFront.CLIENT_ID_BYTES_MAX + 1)));
    assertThat(tooLong.next(MqttMessageType.CONNACK).code()).isEqualTo(0x85);

    front.connected(connect5("proper"));
  }

  @Test
  void shouldNotCountClientThatLeftWhileItsSessionWasClaimed(Servers servers) {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(
                ConnectorConfig.InFlight.fixed(1), 1_000_000, Duration.ZERO));
    EmbeddedFront.Peer gone = front.open();
    front.beforeClaim =
        () -> {
          front.beforeClaim = () -> {};
          gone.disconnect();
        };
    gone.send(connect5("gone"));
    front.loop.runUntil(() -> front.admission.inFlight() == 0);

    front.connected(connect5("next"));
  }

  @Test
  void shouldAcceptPendingConnectsInOrderAsTheRateAllows(Servers servers) {
    front =
        new EmbeddedFront(
            servers, new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1_000), 1, WAIT));
    front.connected(connect5("first"));
    EmbeddedFront.Peer second = front.open().send(connect5("second"));
    EmbeddedFront.Peer third = front.open().send(connect5("third"));

    look(Duration.ofMillis(999));
    assertThat(second.receive()).isEmpty();
    look(Duration.ofMillis(1));
    assertThat(second.next(MqttMessageType.CONNACK).code()).isZero();
    assertThat(third.receive()).isEmpty();
    look(Duration.ofSeconds(1));
    assertThat(third.next(MqttMessageType.CONNACK).code()).isZero();

    assertThat(front.metrics.connectsOverRate.sum()).isZero();
  }

  @Test
  void shouldProcessPacketsSentWithConnectThatWaits(Servers servers) {
    front =
        new EmbeddedFront(
            servers, new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1_000), 1, WAIT));
    front.connected(connect5("first"));
    EmbeddedFront.Peer second = front.open().send(connect5("second"), Wire.pingReq());

    front.ticks(2 * EmbeddedFront.CONNECT_TIMEOUT_SECONDS);
    assertThat(second.isReading()).isFalse();
    look(Duration.ofSeconds(1));

    assertThat(second.next(MqttMessageType.CONNACK).code()).isZero();
    second.next(MqttMessageType.PINGRESP);
  }

  @Test
  void shouldRefuseConnectThatHasWaitedTooLong(Servers servers) throws Exception {
    front =
        new EmbeddedFront(
            servers,
            new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1), 1_000_000, WAIT));
    store(servers, "stays-on-its-way");
    front.connected(resume5("stays-on-its-way"));
    EmbeddedFront.Peer second = front.open().send(connect5("second"));

    look(WAIT.minusNanos(1));
    assertThat(second.receive()).isEmpty();
    look(Duration.ofNanos(1));

    assertThat(second.next(MqttMessageType.CONNACK).code()).isEqualTo(0x88);
    second.awaitClosed();
    assertThat(front.metrics.connectsOverInFlight.sum()).isEqualTo(1);
    assertThat(front.admission.waiting()).isZero();
  }

  @Test
  void shouldForgetPendingConnectWhenItsClientLeaves(Servers servers) {
    front =
        new EmbeddedFront(
            servers, new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1_000), 1, WAIT));
    front.connected(connect5("first"));
    EmbeddedFront.Peer gone = front.open().send(connect5("gone"));
    EmbeddedFront.Peer next = front.open().send(connect5("next"));
    assertThat(front.admission.waiting()).isEqualTo(2);

    gone.disconnect();

    assertThat(front.admission.waiting()).isEqualTo(1);
    look(Duration.ofSeconds(1));
    assertThat(next.next(MqttMessageType.CONNACK).code()).isZero();
    assertThat(front.metrics.connects.sum()).isEqualTo(2);
  }

  @Test
  void shouldRedirectPendingConnectWhenTheConnectorDrains(Servers servers) {
    front =
        new EmbeddedFront(
            servers, new ConnectorConfig.Admission(ConnectorConfig.InFlight.fixed(1_000), 1, WAIT));
    front.connected(connect5("first"));
    EmbeddedFront.Peer second = front.open().send(connect5("second"));

    front.redirection.begin();
    front.loop.hold(); // Redis cannot answer: a claim of the session would not end
    look(Duration.ofSeconds(1));

    assertThat(second.receive()).singleElement().matches(answer -> answer.code() == 0x9C);
    assertThat(front.admission.inFlight()).isZero();
  }

  /** Advances the clock of the admission, then lets the loop process its admission queue. */
  private void look(Duration time) {
    front.nowNanos += time.toNanos();
    front.loop.advance(Duration.ofMillis(5));
  }

  private static void store(Servers servers, String clientId) throws Exception {
    var store = servers.cache().sessions();
    Claim claim = get(store.claim(new ClaimRequest(clientId, "away", 1, true, 3_600)));
    get(store.begin(claim.session(), 3_600));
    get(store.putFeeds(claim.session(), List.of(new StoredFeed("admitted/" + clientId, 1, 0))));
    get(store.release(claim.session(), SessionProgress.NONE, 3_600));
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
