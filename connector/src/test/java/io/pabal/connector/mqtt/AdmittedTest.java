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
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.Progress;
import io.pabal.sessioncache.session.StoredSubscription;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see when more come than may; the clock is the test's, and no router answers. */
@ExtendWith(Servers.Extension.class)
@SuppressWarnings("NullAway.Init") // each test opens the front that it needs
class AdmittedTest {

  private static final String RATE = "too many sessions come back; try again later";
  private static final String IN_FLIGHT = "too many sessions are on their way in; try again later";

  private EmbeddedFront front;

  @AfterEach
  void closeFront() {
    front.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void shouldRefuseMoreThanTheRate(int level, Servers servers) {
    front = new EmbeddedFront(servers, new ConnectorConfig.Admission(1, 1_000));
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
    front = new EmbeddedFront(servers, new ConnectorConfig.Admission(1_000_000, 1));
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
  void shouldNotCountSessionWithoutSubscriptions(Servers servers) {
    front = new EmbeddedFront(servers, new ConnectorConfig.Admission(1_000_000, 1));

    front.connected(connect5("publisher-1"));
    front.connected(connect5("publisher-2"));
    front.connected(resume5("publisher-3"));
  }

  @Test
  void shouldNotCountConnectThatCannotBeServed(Servers servers) {
    front = new EmbeddedFront(servers, new ConnectorConfig.Admission(1, 1));

    EmbeddedFront.Peer tooLong =
        front.open().send(connect5("c".repeat(EmbeddedFront.CLIENT_ID_BYTES_MAX + 1)));
    assertThat(tooLong.next(MqttMessageType.CONNACK).code()).isEqualTo(0x85);

    front.connected(connect5("proper"));
  }

  @Test
  void shouldNotCountClientThatWentWhileItsSessionWasClaimed(Servers servers) {
    front = new EmbeddedFront(servers, new ConnectorConfig.Admission(1_000_000, 1));
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

  private static void store(Servers servers, String clientId) throws Exception {
    var store = servers.cache().sessions();
    Claim claim = get(store.claim(new ClaimRequest(clientId, "away", 1, true, 3_600)));
    get(store.begin(claim.session(), 3_600));
    get(
        store.subscribe(
            claim.session(), List.of(new StoredSubscription("admitted/" + clientId, 1, 0))));
    get(store.release(claim.session(), Progress.NONE, 3_600));
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
