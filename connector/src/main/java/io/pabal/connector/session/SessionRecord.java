// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.RestoredClaim;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredDelivery;
import io.pabal.sessioncache.session.StoredFeed;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of one live session in Redis, and the right to write to it. Every write names the epoch
 * of the session's claim. Safe for use by many threads.
 *
 * <p>Redis may answer that it has lost the claim, because its data was deleted or an older replica
 * took over. Then the whole session is written again from memory, under a new claim, and the write
 * is repeated. So a session whose client is connected survives a loss of Redis's data. Writes that
 * were sent under the lost claim meanwhile are fenced off by the new claim; they are repeated, too.
 */
final class SessionRecord {

  /** The whole state of a session, to be written when Redis has lost the session. */
  record Snapshot(
      long expirySeconds, List<StoredFeed> feeds, List<StoredDelivery> inFlight) {}

  private final Owner owner;
  private final Session session;
  private volatile SessionClaim claim;

  /** Completes when the checkpoint that is under way has ended; null: none. */
  private @Nullable CompletableFuture<Void> checkpoint;

  /** The restore that is under way; null: none. */
  private @Nullable CompletableFuture<FenceResult> restoring;

  /** The record of {@code session}, which {@code claim} allows to write. */
  SessionRecord(Owner owner, SessionClaim claim, Session session) {
    this.owner = owner;
    this.claim = claim;
    this.session = session;
  }

  /** The claim in force; its epoch rises when the session is restored. */
  SessionClaim claim() {
    return claim;
  }

  /** Writes feeds with their subscriptions, and removes the feeds of these names. */
  CompletionStage<FenceResult> putFeeds(List<StoredFeed> feeds, List<String> removed) {
    return write(current -> store().putFeeds(current, feeds, removed), session::snapshot);
  }

  /** A checkpoint begins. Other writes wait for its end, so that they are made in order. */
  ProgressWrite checkpointBegun(SessionProgress progress) {
    synchronized (this) {
      checkpoint = new CompletableFuture<>();
    }
    return ProgressWrite.checkpoint(claim, progress);
  }

  /** The checkpoint has ended: the writes that waited for it are made. */
  void checkpointEnded() {
    CompletableFuture<Void> ended;
    synchronized (this) {
      ended = checkpoint;
      checkpoint = null;
    }
    if (ended != null) {
      ended.complete(null);
    }
  }

  /**
   * A checkpoint under the claim {@code used} was not applied. A session that Redis has lost is
   * written anew.
   *
   * @return APPLIED when the session has a claim in force again: its progress is to be written again
   */
  CompletionStage<FenceResult> notApplied(SessionClaim used, FenceResult result) {
    return recovered(used, result, session::snapshot);
  }

  CompletionStage<FenceResult> touch() {
    return write(store()::touch, session::snapshot);
  }

  /**
   * Ends the claim.
   *
   * @param last the session's state at the end of its connection
   */
  CompletionStage<FenceResult> release(SessionProgress progress, Snapshot last) {
    return write(
        current ->
            session
                .services()
                .checkpoints()
                .release(ProgressWrite.release(current, progress, last.expirySeconds())),
        () -> CompletableFuture.completedStage(last));
  }

  private CompletionStage<FenceResult> write(
      Function<SessionClaim, CompletionStage<FenceResult>> operation,
      Supplier<CompletionStage<Snapshot>> from) {
    CompletableFuture<Void> before;
    synchronized (this) {
      before = checkpoint;
    }
    return before == null
        ? writeNow(operation, from)
        : before.thenCompose(done -> writeNow(operation, from));
  }

  private CompletionStage<FenceResult> writeNow(
      Function<SessionClaim, CompletionStage<FenceResult>> operation,
      Supplier<CompletionStage<Snapshot>> from) {
    SessionClaim used = claim;
    return operation
        .apply(used)
        .thenCompose(
            result ->
                result == FenceResult.APPLIED
                    ? CompletableFuture.completedStage(result)
                    : recovered(used, result, from)
                        .thenCompose(restored -> repeatIf(restored, operation)));
  }

  /** The result of a write under the claim {@code used} was {@code result}: LOST or FENCED. */
  private CompletionStage<FenceResult> recovered(
      SessionClaim used, FenceResult result, Supplier<CompletionStage<Snapshot>> from) {
    return result == FenceResult.LOST
        ? from.get().thenCompose(snapshot -> restore(used, snapshot))
        : restoredSince(used);
  }

  private CompletionStage<FenceResult> repeatIf(
      FenceResult restored, Function<SessionClaim, CompletionStage<FenceResult>> operation) {
    return restored == FenceResult.APPLIED
        ? operation.apply(claim)
        : CompletableFuture.completedStage(restored);
  }

  private CompletionStage<FenceResult> restore(SessionClaim lost, Snapshot snapshot) {
    CompletableFuture<FenceResult> result = new CompletableFuture<>();
    synchronized (this) {
      if (claim.epoch() > lost.epoch()) {
        return CompletableFuture.completedStage(FenceResult.APPLIED); // another write restored it
      }
      if (restoring != null) {
        return restoring;
      }
      restoring = result;
    }
    // Within a stage, so that a failure to send counts as the end of the restore, too.
    CompletableFuture.completedStage(snapshot)
        .thenCompose(
            state ->
                store()
                    .restore(
                        lost,
                        owner,
                        state.expirySeconds(),
                        state.feeds(),
                        state.inFlight()))
        .thenApply(this::renewed)
        .whenComplete((outcome, failure) -> restored(result, outcome, failure));
    return result;
  }

  private synchronized FenceResult renewed(Optional<RestoredClaim> restored) {
    restored.ifPresent(
        present -> {
          session.services().metrics().sessionsRestored.increment();
          session.services().generations().claimed(claim.clientId(), present.generation());
          claim = present.session();
        });
    return restored.isPresent() ? FenceResult.APPLIED : FenceResult.FENCED;
  }

  private void restored(
      CompletableFuture<FenceResult> result,
      @Nullable FenceResult outcome,
      @Nullable Throwable failure) {
    synchronized (this) {
      restoring = null;
    }
    if (outcome != null) {
      result.complete(outcome);
    } else {
      result.completeExceptionally(Objects.requireNonNull(failure));
    }
  }

  /**
   * A write under the claim {@code used} was fenced off by a later claim. This is the session's own
   * one when another write has restored the session meanwhile: APPLIED. The reply of a restore that
   * is under way decides.
   */
  private synchronized CompletionStage<FenceResult> restoredSince(SessionClaim used) {
    if (claim.epoch() > used.epoch()) {
      return CompletableFuture.completedStage(FenceResult.APPLIED);
    }
    return restoring != null ? restoring : CompletableFuture.completedStage(FenceResult.FENCED);
  }

  private SessionStore store() {
    return session.services().store();
  }
}
