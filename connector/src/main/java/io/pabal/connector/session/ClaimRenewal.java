// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.SessionStore;
import io.pabal.telemetry.FatalError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the claim of each live session once per interval, spread evenly over it, so that a million
 * sessions are 46 writes a second and not a burst every six hours. In Redis a claim outlives its
 * last write by a day and the session's expiry, so that those of a connector that died do not stay
 * for ever; a session that is live but quiet for longer would lose its claim, and with it its
 * subscriptions.
 *
 * <p>Renews them all at once when Redis has lost its data, which it looks for every {@value
 * #LOSS_CHECK_SECONDS} s: thereby each session finds that its claim is lost, and writes itself
 * again.
 *
 * <p>Walks the table; nothing is kept per session. On a thread of its own, at most {@value #BATCH}
 * claims at a time.
 */
public final class ClaimRenewal implements AutoCloseable {

  /** A quarter of the day that a claim outlives its last write. */
  public static final Duration INTERVAL = Duration.ofHours(6);

  private static final Logger log = LoggerFactory.getLogger(ClaimRenewal.class);

  private static final int BATCH = 500;
  private static final int LOSS_CHECK_SECONDS = 2;
  private static final long UNKNOWN = -1;
  private static final Duration STEP_MAX = Duration.ofSeconds(1);

  private final SessionTable sessions;
  private final SessionStore store;
  private final double shareOfStep;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("claim-renewal").factory());

  /** When Redis's data began, as seen last. */
  private long generation = UNKNOWN;

  private Iterator<Session> walk = Collections.emptyIterator();

  /** Whether the last round failed. */
  private boolean failing;

  /** How many sessions are due; less than one is left for the next step. */
  private double due;

  /**
   * A renewal that does nothing by itself.
   *
   * @param shareOfStep how much of the sessions one {@link #renewDue} is to renew
   */
  ClaimRenewal(SessionTable sessions, SessionStore store, double shareOfStep) {
    this.sessions = sessions;
    this.store = store;
    this.shareOfStep = shareOfStep;
  }

  /** Begins to renew the claims of {@code sessions} every {@code interval}, and after a loss. */
  public static ClaimRenewal start(SessionTable sessions, SessionStore store, Duration interval) {
    long stepMillis = Math.min(STEP_MAX.toMillis(), interval.toMillis());
    var renewal = new ClaimRenewal(sessions, store, (double) stepMillis / interval.toMillis());
    var _ =
        renewal.executor.scheduleWithFixedDelay(
            renewal::renewInTime, stepMillis, stepMillis, TimeUnit.MILLISECONDS);
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
      renewDue();
      failing = false;
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      // Several rounds come before a claim runs out; a row of failures is logged once.
      if (!failing) {
        failing = true;
        log.warn("claims not renewed this time reason=\"{}\"", e.toString());
      }
    }
  }

  private void renewAfterLoss() {
    try {
      long present = store.generation().toCompletableFuture().join();
      if (generation != UNKNOWN && present != generation) {
        log.warn(
            "redis has lost its data, live sessions are written again sessions={}",
            sessions.size());
        renew(sessions.all());
      }
      generation = present;
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      // While Redis is away there is nothing to learn, and the next check is soon.
      log.debug("redis not asked for its generation reason=\"{}\"", e.toString());
    }
  }

  /** Renews the next sessions of the walk. Blocks until Redis has answered for them. */
  void renewDue() {
    due += sessions.size() * shareOfStep;
    int count = (int) due;
    due -= count;
    List<Session> now = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (!walk.hasNext()) {
        walk = sessions.all().iterator();
      }
      if (walk.hasNext()) {
        now.add(walk.next());
      }
    }
    renew(now);
  }

  private static void renew(Iterable<Session> all) {
    List<CompletableFuture<?>> batch = new ArrayList<>(BATCH);
    for (Session session : all) {
      batch.add(session.renewClaim().toCompletableFuture());
      if (batch.size() == BATCH) {
        CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
        batch.clear();
      }
    }
    CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
  }
}
