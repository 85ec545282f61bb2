// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.ClaimReply;
import io.pabal.sessioncache.session.ClaimRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One claim of a session that may have a live owner.
 *
 * <p>A phone that changes its network connects again while its old connection still seems alive, so
 * taking over is the usual way back. The owner has progress that it has not written yet. A claim
 * that read the stored cursors at once would send messages again that the client has acknowledged.
 * So the owner is requested to release the session, and the claim pauses for that, for at most
 * {@value #WAIT_MILLIS} ms in all. It looks at the session in growing intervals; the owner usually
 * releases it within some ms. A session on this connector is ended first in the same way. An owner
 * that does not release in time has died or stands still: the session is claimed from it, and the
 * client gets again what it acknowledged since the last checkpoint. An owner that was silent
 * several times in a row is not waited for ({@link SilentOwners}).
 *
 * <p>Several claims of one session may wait at the same time, on several connectors. Each of them
 * requests the release of the owner that it finds, so each session that one of them begins ends
 * again when another one claims it, and one is left.
 *
 * <p>Any thread; one attempt follows the other.
 */
final class TakeOver {

  static final long WAIT_MILLIS = 300;

  private static final long PAUSE_MIN_MILLIS = 5;
  private static final long PAUSE_MAX_MILLIS = 50;

  private final ClaimRequest request;
  private final SessionTable sessions;
  private final SessionServices services;
  private final SilentOwners silent;
  private final ScheduledExecutorService timer;
  private final LongConsumer replyDelays;
  private long waitedMillis;
  private long pauseMillis = PAUSE_MIN_MILLIS;
  private ClaimReply.@Nullable Owned asked;

  /**
   * A claim that has not started.
   *
   * @param timer ends the pauses; the event loop of the connection that claims
   * @param replyDelays gets the time that each reply of Redis took, in nanoseconds; the pauses are
   *     not in it. Any thread
   */
  TakeOver(
      ClaimRequest request,
      SessionTable sessions,
      SessionServices services,
      SilentOwners silent,
      ScheduledExecutorService timer,
      LongConsumer replyDelays) {
    this.request = request;
    this.sessions = sessions;
    this.services = services;
    this.silent = silent;
    this.timer = timer;
    this.replyDelays = replyDelays;
  }

  /** Claims the session. Called once. Completes exceptionally when Redis does not reply. */
  CompletionStage<Claim> start() {
    return attempt();
  }

  private CompletionStage<Claim> attempt() {
    return sessions
        .endLocal(request.clientId())
        .thenCompose(
            ended ->
                waitedMillis < WAIT_MILLIS
                    ? timed(() -> services.store().claimUnlessOwned(request))
                        .thenCompose(this::replied)
                    : outOfTime());
  }

  private CompletionStage<Claim> replied(ClaimReply reply) {
    return switch (reply) {
      case Claim claim -> {
        if (asked != null) {
          silent.answered(asked.owner());
          services.metrics().sessionsHandedOver.increment();
        }
        yield CompletableFuture.completedStage(claim);
      }
      case ClaimReply.Owned owned -> owned(owned);
    };
  }

  private CompletionStage<Claim> owned(ClaimReply.Owned found) {
    if (silent.isSilent(found.owner())) {
      return timed(() -> services.store().claim(request));
    }
    if (asked == null || asked.epoch() != found.epoch()) {
      asked = found;
      sessions.evict(found.owner().connectorId(), request.clientId(), found.epoch() + 1);
    }
    long pause = Math.min(pauseMillis, WAIT_MILLIS - waitedMillis);
    waitedMillis += pause;
    pauseMillis = Math.min(2 * pause, PAUSE_MAX_MILLIS);
    CompletableFuture<Void> paused = new CompletableFuture<>();
    var _ = timer.schedule(() -> paused.complete(null), pause, TimeUnit.MILLISECONDS);
    return paused.thenCompose(waited -> attempt());
  }

  private CompletionStage<Claim> outOfTime() {
    if (asked != null) {
      silent.notAnswered(asked.owner());
      services.metrics().sessionsNotHandedOver.increment();
    }
    return timed(() -> services.store().claim(request));
  }

  private <T> CompletionStage<T> timed(Supplier<CompletionStage<T>> command) {
    long sentNanos = System.nanoTime();
    return command
        .get()
        .whenComplete((reply, failure) -> replyDelays.accept(System.nanoTime() - sentNanos));
  }
}
