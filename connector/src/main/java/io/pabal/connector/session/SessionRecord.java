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
 *
 * <p>Writes are numbered under each claim, and each write carries the number of the newest one that
 * Redis has confirmed. So Redis also answers LOST when it went back to a state before that one.
 */
final class SessionRecord {

  /** The whole state of a session, to be written when Redis has lost the session. */
  record Snapshot(long expirySeconds, List<StoredFeed> feeds, List<StoredDelivery> inFlight) {}

  private final Owner owner;
  private final Session session;
  private volatile SessionClaim claim;

  /** The number of the newest write that was sent under the claim. */
  private int sent;

  /** The number of the newest write under the claim that Redis has confirmed. */
  private int confirmed;

  private boolean released;

  /** Completes when the checkpoint that is under way has ended; null: none. */
  private @Nullable CompletableFuture<Void> checkpoint;

  /** The restore that is under way; null: none. */
  private @Nullable CompletableFuture<FenceResult> restoring;

  /**
   * The record of {@code session}, which {@code claim} allows to write.
   *
   * @param claim with the number of the write that began the session, if there was one
   */
  SessionRecord(Owner owner, SessionClaim claim, Session session) {
    this.owner = owner;
    this.claim = claim;
    this.session = session;
    this.sent = claim.write();
    this.confirmed = claim.write();
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
    return ProgressWrite.checkpoint(numbered(), progress);
  }

  /**
   * The checkpoint has ended: the writes that waited for it are made.
   *
   * @param used the claim that {@link #checkpointBegun} gave it
   * @param result null when Redis did not reply
   */
  void checkpointEnded(SessionClaim used, @Nullable FenceResult result) {
    if (result == FenceResult.APPLIED) {
      var _ = confirmed(used);
    }
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
   * @return APPLIED when the session has a claim in force again: its progress is to be written
   *     again
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
    synchronized (this) {
      released = true;
    }
    return ordered(
        current ->
            session
                .services()
                .checkpoints()
                .release(ProgressWrite.release(current, progress, last.expirySeconds())),
        () -> CompletableFuture.completedStage(last));
  }

  /** Writes, unless the claim was released: to Redis the released claim could seem to be lost. */
  private CompletionStage<FenceResult> write(
      Function<SessionClaim, CompletionStage<FenceResult>> operation,
      Supplier<CompletionStage<Snapshot>> from) {
    synchronized (this) {
      if (released) {
        return CompletableFuture.completedStage(FenceResult.FENCED);
      }
    }
    return ordered(operation, from);
  }

  /** Makes a write after the checkpoint that is under way, if there is one. */
  private CompletionStage<FenceResult> ordered(
      Function<SessionClaim, CompletionStage<FenceResult>> operation,
      Supplier<CompletionStage<Snapshot>> from) {
    CompletableFuture<Void> before;
    synchronized (this) {
      before = checkpoint;
    }
    return before == null
        ? send(operation, from)
        : before.thenCompose(done -> send(operation, from));
  }

  private CompletionStage<FenceResult> send(
      Function<SessionClaim, CompletionStage<FenceResult>> operation,
      Supplier<CompletionStage<Snapshot>> from) {
    SessionClaim used = numbered();
    return operation
        .apply(used)
        .thenCompose(
            result ->
                result == FenceResult.APPLIED
                    ? confirmed(used)
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
    if (restored != FenceResult.APPLIED) {
      return CompletableFuture.completedStage(restored);
    }
    SessionClaim used = numbered();
    return operation
        .apply(used)
        .thenCompose(
            result ->
                result == FenceResult.APPLIED
                    ? confirmed(used)
                    : CompletableFuture.completedStage(result));
  }

  /** The claim in force, for the next write. */
  private synchronized SessionClaim numbered() {
    return claim.forWrite(confirmed, ++sent);
  }

  private synchronized CompletionStage<FenceResult> confirmed(SessionClaim used) {
    if (used.epoch() == claim.epoch()) {
      confirmed = Math.max(confirmed, used.write());
    }
    return CompletableFuture.completedStage(FenceResult.APPLIED);
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
                    .restore(lost, owner, state.expirySeconds(), state.feeds(), state.inFlight()))
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
          sent = 0;
          confirmed = 0;
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
