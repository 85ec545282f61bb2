// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import io.pabal.sessioncache.redis.RedisProblem;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.SessionStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Claims sessions at a steady rate, whatever Redis does. The sessions lie in all buckets. A claim
 * that fails is tried again {@value #RETRY_MILLIS} ms later, as a client with a short back-off
 * connects again, and is given up {@value #GIVE_UP_SECONDS} s after it was due. So the number of
 * pending claims is bounded.
 *
 * <p>All state is used on one thread of its own; {@link #call} has other threads read it.
 */
final class ClaimTraffic implements AutoCloseable {

  static final long RETRY_MILLIS = 100;
  static final int GIVE_UP_SECONDS = 60;

  private static final int CLIENTS = 100_000;
  private static final long TICK_MILLIS = 1;

  private final SessionStore sessions;
  private final long intervalNanos;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("claims").daemon().factory(), new DiscardPolicy());
  private final ScheduledFuture<?> ticking;

  /** In the order in which they were due; ended ones are removed when they are the first. */
  private final Deque<PendingClaim> pending = new ArrayDeque<>();

  private @Nullable Observation observation;
  private long nextDueNanos = System.nanoTime();
  private long begun;
  private long granted;
  private long failedTries;
  private long givenUp;
  private String newestFailure = "";

  private ClaimTraffic(SessionStore sessions, int claimsPerSecond) {
    this.sessions = sessions;
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / claimsPerSecond;
    this.ticking =
        thread.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  static ClaimTraffic start(SessionStore sessions, int claimsPerSecond) {
    return new ClaimTraffic(sessions, claimsPerSecond);
  }

  /**
   * Calls {@code task} on the thread of this traffic. Blocks.
   *
   * @throws Exception also what ended the traffic, if it ended by itself
   */
  <T> T call(Callable<T> task) throws Exception {
    if (ticking.isDone()) {
      ticking.get();
    }
    return thread.submit(task).get();
  }

  /** Claims that end from now on are told to {@code next}, and no longer to the one before. */
  void observe(Observation next) throws Exception {
    call(
        () -> {
          next.begin(System.nanoTime());
          observation = next;
          return next;
        });
  }

  /** Whether all claims have ended that were due until {@code nanos}. */
  boolean hasEndedUntil(long nanos) throws Exception {
    return call(() -> pending.isEmpty() || pending.getFirst().dueNanos() - nanos > 0);
  }

  /** What was claimed until now. */
  ClaimTotals totals() throws Exception {
    return call(() -> new ClaimTotals(granted, failedTries, givenUp, newestFailure));
  }

  /** Ends the traffic; replies to pending claims are ignored. */
  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void tick() {
    long nowNanos = System.nanoTime();
    while (nextDueNanos - nowNanos <= 0) {
      PendingClaim claim = new PendingClaim("client-" + begun++ % CLIENTS, nextDueNanos);
      nextDueNanos += intervalNanos;
      pending.addLast(claim);
      send(claim);
    }
  }

  private void send(PendingClaim claim) {
    claim.sent(System.nanoTime());
    var _ =
        claim(new ClaimRequest(claim.clientId(), "bench", 1, /* cleanStart= */ true, 0))
            .whenComplete(
                (reply, failure) -> {
                  long endedNanos = System.nanoTime();
                  thread.execute(() -> ended(claim, failure, endedNanos));
                });
  }

  private CompletionStage<Claim> claim(ClaimRequest request) {
    try {
      return sessions.claim(request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private void ended(PendingClaim claim, @Nullable Throwable failure, long nowNanos) {
    if (failure == null) {
      granted++;
      remove(claim);
      if (observation != null) {
        observation.granted(claim, nowNanos);
      }
      return;
    }
    failedTries++;
    newestFailure = RedisProblem.describe(failure);
    if (nowNanos - claim.dueNanos() > TimeUnit.SECONDS.toNanos(GIVE_UP_SECONDS)) {
      givenUp++;
      remove(claim);
    } else {
      var _ = thread.schedule(() -> send(claim), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void remove(PendingClaim claim) {
    claim.end();
    while (!pending.isEmpty() && pending.getFirst().isEnded()) {
      pending.removeFirst();
    }
  }
}
