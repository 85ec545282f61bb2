// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.telemetry.FatalError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
 * <p>Every {@value #LOSS_CHECK_SECONDS} s it checks whether Redis has lost the data of a bucket
 * that has sessions of this connector. If so, it renews the claims of these sessions at once. Each
 * session then learns that its claim is lost, and writes its state again.
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
  private static final Duration STEP_MAX = Duration.ofSeconds(1);

  private final SessionTable sessions;
  private final SessionStore store;
  private final ClaimGenerations generations;
  private final double shareOfStep;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("claim-renewal").factory());

  private Iterator<Session> walk = Collections.emptyIterator();

  /** The changes of connections after which all claims were renewed. Used by the thread only. */
  private long changesSeen;

  /** Whether the last step failed. */
  private boolean failing;

  /** Sessions that are due; a fraction of one session is carried over to the next step. */
  private double due;

  /**
   * A renewal without a schedule: the caller calls {@link #renewDue}.
   *
   * @param shareOfStep the share of the sessions that one {@link #renewDue} renews, 0 to 1
   */
  ClaimRenewal(
      SessionTable sessions, SessionStore store, ClaimGenerations generations, double shareOfStep) {
    this.sessions = sessions;
    this.store = store;
    this.generations = generations;
    this.shareOfStep = shareOfStep;
    this.changesSeen = store.changes();
  }

  /**
   * Starts to renew each claim of {@code sessions} once per {@code interval}, and the claims of a
   * bucket after Redis has lost its data.
   */
  public static ClaimRenewal start(
      SessionTable sessions, SessionStore store, ClaimGenerations generations, Duration interval) {
    long stepMillis = Math.min(STEP_MAX.toMillis(), interval.toMillis());
    var renewal =
        new ClaimRenewal(sessions, store, generations, (double) stepMillis / interval.toMillis());
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
      int[] buckets = generations.occupied();
      if (buckets.length == 0) {
        return;
      }
      long[] present = store.generations(buckets).toCompletableFuture().join();
      BitSet lost = new BitSet(SessionKeys.BUCKETS);
      for (int i = 0; i < buckets.length; i++) {
        if (present[i] != SessionStore.GENERATION_UNKNOWN
            && generations.take(buckets[i], present[i])) {
          lost.set(buckets[i]);
        }
      }
      if (!lost.isEmpty()) {
        renewBuckets(lost);
      }
      renewAfterChange();
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      // While Redis is away its generation is unknown; the next check follows soon.
      log.debug("redis not asked for its generation reason=\"{}\"", e.toString());
    }
  }

  /**
   * Renews all claims after Redis was connected again or has other primaries: a failover to a
   * replica that lagged loses the newest writes, and a quiet session writes nothing that would show
   * it. Repeated at the next check when a renewal fails.
   */
  private void renewAfterChange() {
    long changes = store.changes();
    if (changes == changesSeen) {
      return;
    }
    List<Session> all = new ArrayList<>();
    sessions.all().forEach(all::add);
    log.info("redis was connected again, live sessions are compared sessions={}", all.size());
    renew(all, session -> {});
    changesSeen = changes;
  }

  private void renewBuckets(BitSet lost) {
    List<Session> all = new ArrayList<>();
    for (Session session : sessions.all()) {
      if (lost.get(SessionKeys.bucket(session.clientId()))) {
        all.add(session);
      }
    }
    log.warn(
        "redis has lost data, live sessions are written again buckets={} sessions={}",
        lost.cardinality(),
        all.size());
    renew(all, session -> generations.notRenewed(session.clientId()));
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
    renew(now, session -> {});
  }

  /**
   * Renews claims. A session whose primary does not answer does not hold up the others.
   *
   * @param notRenewed receives each session whose renewal failed, on any thread
   * @throws CompletionException with the first failure, when all others are renewed
   */
  private static void renew(List<Session> all, Consumer<Session> notRenewed) {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<CompletableFuture<?>> batch = new ArrayList<>(BATCH);
    for (Session session : all) {
      batch.add(
          session
              .renewClaim()
              .toCompletableFuture()
              .exceptionally(
                  cause -> {
                    notRenewed.accept(session);
                    failure.compareAndSet(null, cause);
                    return FenceResult.LOST;
                  }));
      if (batch.size() == BATCH) {
        CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
        batch.clear();
      }
    }
    CompletableFuture.allOf(batch.toArray(CompletableFuture<?>[]::new)).join();
    Throwable first = failure.get();
    if (first != null) {
      throw new CompletionException(first);
    }
  }
}
