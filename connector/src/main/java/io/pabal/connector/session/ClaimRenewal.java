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
 * Renews the claim of each live session once per interval. The renewals are spread evenly over the
 * interval: at the interval of six hours, a million sessions cause 46 writes a second instead of a
 * burst every six hours.
 *
 * <p>In Redis a claim outlives its last write by a day plus the session's expiry. So the claims of
 * a connector that died do not stay for ever. A live session that writes nothing for longer than
 * that would lose its claim and its subscriptions; the renewal prevents this.
 *
 * <p>Every {@value #LOSS_CHECK_SECONDS} s it checks whether Redis has lost its data. If so, it
 * renews all claims at once. Each session then learns that its claim is lost, and writes its state
 * again.
 *
 * <p>It iterates over the session table and keeps no state per session. It runs on a thread of its
 * own and renews at most {@value #BATCH} claims at a time. {@link #start} and {@link #close} may be
 * called by any thread.
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

  /** The generation of Redis's data that the last check read; see {@link SessionStore}. */
  private long generation = UNKNOWN;

  private Iterator<Session> walk = Collections.emptyIterator();

  /** Whether the last step failed. */
  private boolean failing;

  /** Sessions that are due; a fraction of one session is carried over to the next step. */
  private double due;

  /**
   * A renewal without a schedule: the caller calls {@link #renewDue}.
   *
   * @param shareOfStep the share of the sessions that one {@link #renewDue} renews, 0 to 1
   */
  ClaimRenewal(SessionTable sessions, SessionStore store, double shareOfStep) {
    this.sessions = sessions;
    this.store = store;
    this.shareOfStep = shareOfStep;
  }

  /**
   * Starts to renew each claim of {@code sessions} once per {@code interval}, and all claims after
   * Redis has lost its data.
   */
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
      // A claim outlives several intervals, so its next renewal comes in time. Consecutive failures
      // are logged once.
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
      // While Redis is away its generation is unknown; the next check follows soon.
      log.debug("redis not asked for its generation reason=\"{}\"", e.toString());
    }
  }

  /** Renews the claims of the sessions that are due. Blocks until Redis has answered for them. */
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
