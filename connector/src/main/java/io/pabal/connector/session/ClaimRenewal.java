// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the claims of all live sessions now and then. In Redis a claim outlives its last write by
 * a day and the session's expiry, so that those of a connector that died do not stay for ever; a
 * session that is live but quiet for longer would lose its claim, and with it its subscriptions.
 *
 * <p>On a thread of its own, {@value #BATCH} claims at a time.
 */
public final class ClaimRenewal implements AutoCloseable {

  /** A quarter of the day that a claim outlives its last write. */
  public static final Duration INTERVAL = Duration.ofHours(6);

  private static final Logger log = LoggerFactory.getLogger(ClaimRenewal.class);

  private static final int BATCH = 500;

  private final SessionTable sessions;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("claim-renewal").factory());

  private ClaimRenewal(SessionTable sessions) {
    this.sessions = sessions;
  }

  /** Begins to renew the claims of {@code sessions} every {@code interval}. */
  public static ClaimRenewal start(SessionTable sessions, Duration interval) {
    var renewal = new ClaimRenewal(sessions);
    var _ =
        renewal.executor.scheduleWithFixedDelay(
            renewal::renewAll, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return renewal;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  private void renewAll() {
    try {
      List<CompletableFuture<?>> batch = new ArrayList<>(BATCH);
      for (Session session : sessions.all()) {
        batch.add(session.renewClaim().toCompletableFuture());
        if (batch.size() == BATCH) {
          CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
          batch.clear();
        }
      }
      CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
    } catch (RuntimeException e) {
      // The next round comes long before a claim runs out.
      log.warn("claims not renewed this time reason=\"{}\"", e.toString());
    }
  }
}
