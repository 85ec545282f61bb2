// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.ClaimRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failure between the answer to a claim and the live session ends the connection. */
@ExtendWith(Servers.Extension.class)
class ClaimFailureTest {

  private static final Duration CLOCK_STEP = Duration.ofMillis(10);

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
  void shouldEndTheConnectionAndReleaseTheClaim(int level, Servers servers) {
    String clientId = "claim-failure-" + level;
    front.onEvent =
        event -> {
          throw new IllegalStateException("intended by the test");
        };

    Peer peer = front.open().send(level == 5 ? resume5(clientId) : connect311(clientId, false));

    assertThat(peer.next(MqttMessageType.CONNACK).code()).isEqualTo(level == 5 ? 0x80 : 3);
    peer.awaitClosed();
    expectReleased(servers, clientId);
  }

  @Test
  void shouldReleaseTheClaimWhenTheConnectorThatHadTheSessionCannotBeTold(Servers servers) {
    String clientId = "claim-failure-evict";
    claimElsewhere(servers, clientId);
    front.onEvict =
        onceClaimed(
            () -> {
              throw new IllegalStateException("intended by the test");
            });

    Peer peer = front.open().send(resume5(clientId));

    assertThat(connAck(peer).code()).isEqualTo(0x88);
    peer.awaitClosed();
    expectReleased(servers, clientId);
  }

  @Test
  void shouldReleaseTheClaimWhenRedisDoesNotSayWhetherTheSessionBegan(Servers servers) {
    String clientId = "claim-failure-begin";
    claimElsewhere(servers, clientId);
    // Told between the answer to the claim and the begin of the session.
    front.onEvict =
        onceClaimed(
            () -> servers.pauseRedis(SessionCacheConfig.COMMAND_TIMEOUT_DEFAULT.plusSeconds(1)));

    Peer peer = front.open().send(resume5(clientId));

    assertThat(connAck(peer).code()).isEqualTo(0x88);
    peer.awaitClosed();
    expectReleased(servers, clientId);
  }

  /** The answer to CONNECT. The clock moves on as it does for a real loop: the claim has pauses. */
  private Packet connAck(Peer peer) {
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(CLOCK_STEP)
        .until(
            () -> {
              front.loop.advance(CLOCK_STEP);
              return !peer.receive().isEmpty();
            });
    return peer.next(MqttMessageType.CONNACK);
  }

  /**
   * The owner is told twice: it is requested to release the session, and then, when it has not done
   * so in time, that the session was claimed. The action is for the second time.
   */
  private static Runnable onceClaimed(Runnable action) {
    AtomicInteger told = new AtomicInteger();
    return () -> {
      if (told.incrementAndGet() == 2) {
        action.run();
      }
    };
  }

  private static void claimElsewhere(Servers servers, String clientId) {
    var claim = new ClaimRequest(clientId, "elsewhere", 1, false, 3_600);
    var claimed = servers.cache().sessions().claim(claim).toCompletableFuture().join();
    assertThat(claimed.previousOwner()).isNull();
  }

  private void expectReleased(Servers servers, String clientId) {
    assertThat(front.sessions.size()).isZero();
    assertThat(front.admission.inFlight()).isZero();
    servers.awaitReleased(clientId);
  }
}
