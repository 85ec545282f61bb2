// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.SessionStore;
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
 * <p>Renews them all at once when Redis has lost its data, which it looks for every {@value
 * #LOSS_CHECK_SECONDS} s: thereby each session finds that its claim is lost, and writes itself
 * again.
 *
 * <p>On a thread of its own, {@value #BATCH} claims at a time.
 */
public final class ClaimRenewal implements AutoCloseable {

  /** A quarter of the day that a claim outlives its last write. */
  public static final Duration INTERVAL = Duration.ofHours(6);

  private static final Logger log = LoggerFactory.getLogger(ClaimRenewal.class);

  private static final int BATCH = 500;
  private static final int LOSS_CHECK_SECONDS = 2;
  private static final long UNKNOWN = -1;

  private final SessionTable sessions;
  private final SessionStore store;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("claim-renewal").factory());

  /** When Redis's data began, as seen last. */
  private long generation = UNKNOWN;

  private ClaimRenewal(SessionTable sessions, SessionStore store) {
    this.sessions = sessions;
    this.store = store;
  }

  /** Begins to renew the claims of {@code sessions} every {@code interval}, and after a loss. */
  public static ClaimRenewal start(SessionTable sessions, SessionStore store, Duration interval) {
    var renewal = new ClaimRenewal(sessions, store);
    var _ =
        renewal.executor.scheduleWithFixedDelay(
            renewal::renewInTime, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    var _ =
        renewal.executor.scheduleWithFixedDelay(
            renewal::renewAfterLoss, 0, LOSS_CHECK_SECONDS, TimeUnit.SECONDS);
    return renewal;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  private void renewInTime() {
    try {
      renewAll();
    } catch (RuntimeException e) {
      // The next round comes long before a claim runs out.
      log.warn("claims not renewed this time reason=\"{}\"", e.toString());
    }
  }

  private void renewAfterLoss() {
    try {
      long present = store.generation().toCompletableFuture().join();
      if (generation != UNKNOWN && present != generation) {
        log.warn(
            "redis has lost its data, live sessions are written again sessions={}",
            sessions.size());
        renewAll();
      }
      generation = present;
    } catch (RuntimeException e) {
      // While Redis is away there is nothing to learn, and the next check is soon.
      log.debug("redis not asked for its generation reason=\"{}\"", e.toString());
    }
  }

  private void renewAll() {
    List<CompletableFuture<?>> batch = new ArrayList<>(BATCH);
    for (Session session : sessions.all()) {
      batch.add(session.renewClaim().toCompletableFuture());
      if (batch.size() == BATCH) {
        CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
        batch.clear();
      }
    }
    CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
  }
}
