// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.connector.fixture.Servers;
import io.pabal.sessioncache.session.FenceResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two writes of a session that Redis has lost, at the same time. */
@ExtendWith(Servers.Extension.class)
class RestoredClaimTest {

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /**
   * The second write still names the lost claim, and Redis runs it when the first one has restored
   * the session under a new claim. Redis then reports a later claim, which is the session's own.
   */
  @Test
  void shouldNotTakeItsOwnNewClaimForThatOfAnotherConnection(Servers servers) {
    // The first restoring loads the script. A script that Redis does not know is sent twice, so
    // that the order of the commands would be another one.
    writeTwice(servers);

    writeTwice(servers);
  }

  private static void writeTwice(Servers servers) {
    LoneSession lone = new LoneSession(servers);
    CompletableFuture<FenceResult> first = lone.session.renewClaim().toCompletableFuture();
    // Redis has answered that the claim is lost. The session's state is read on the event loop.
    await().until(() -> lone.loop.pending() > 0);

    servers.pauseRedis(PAUSE);
    lone.loop.run();
    CompletableFuture<FenceResult> second = lone.session.renewClaim().toCompletableFuture();

    lone.loop.runUntil(() -> first.isDone() && second.isDone());
    lone.loop.run();
    assertThat(first.join()).isEqualTo(FenceResult.APPLIED);
    assertThat(second.join()).isEqualTo(FenceResult.APPLIED);
    assertThat(lone.ended).isEmpty();

    // With an expiry of 0, Redis keeps nothing of the session.
    var released = lone.session.end(EndReason.CLIENT).toCompletableFuture();
    lone.loop.runUntil(released::isDone);
  }
}
