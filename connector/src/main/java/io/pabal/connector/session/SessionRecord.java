// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredDelivery;
import io.pabal.sessioncache.session.StoredSubscription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The state of one live session in Redis, and the right to write to it. Every write names the epoch
 * of the session's claim. Safe for use by many threads.
 *
 * <p>Redis may answer that it has lost the claim, because its data was deleted or an older replica
 * took over. Then the whole session is written again from memory, under a new claim, and the write
 * is repeated. So a session whose client is connected survives a loss of Redis's data.
 */
final class SessionRecord {

  /** The whole state of a session, to be written when Redis has lost the session. */
  record Snapshot(
      long expirySeconds, List<StoredSubscription> subscriptions, List<StoredDelivery> inFlight) {}

  private final SessionServices services;
  private final Owner owner;
  private final Session session;
  private volatile SessionClaim claim;

  /** The record of {@code session}, which {@code claim} allows to write. */
  SessionRecord(SessionServices services, Owner owner, SessionClaim claim, Session session) {
    this.services = services;
    this.owner = owner;
    this.claim = claim;
    this.session = session;
  }

  /** The claim in force; its epoch rises when the session is restored. */
  SessionClaim claim() {
    return claim;
  }

  CompletionStage<FenceResult> subscribe(List<StoredSubscription> subscriptions) {
    return write(current -> store().subscribe(current, subscriptions), session::snapshot);
  }

  CompletionStage<FenceResult> unsubscribe(List<String> addresses) {
    return write(current -> store().unsubscribe(current, addresses), session::snapshot);
  }

  CompletionStage<FenceResult> checkpoint(SessionProgress progress) {
    return write(current -> store().checkpoint(current, progress), session::snapshot);
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
        current -> store().release(current, progress, last.expirySeconds()),
        () -> CompletableFuture.completedStage(last));
  }

  private CompletionStage<FenceResult> write(
      Function<SessionClaim, CompletionStage<FenceResult>> operation,
      Supplier<CompletionStage<Snapshot>> from) {
    SessionClaim used = claim;
    return operation
        .apply(used)
        .thenCompose(
            result ->
                result == FenceResult.LOST
                    ? from.get()
                        .thenCompose(snapshot -> restore(used, snapshot))
                        .thenCompose(
                            restored ->
                                restored == FenceResult.APPLIED
                                    ? operation.apply(claim)
                                    : CompletableFuture.completedStage(restored))
                    : CompletableFuture.completedStage(result));
  }

  private CompletionStage<FenceResult> restore(SessionClaim lost, Snapshot snapshot) {
    if (claim.epoch() > lost.epoch()) {
      return CompletableFuture.completedStage(FenceResult.APPLIED); // another write restored it
    }
    return store()
        .restore(
            lost, owner, snapshot.expirySeconds(), snapshot.subscriptions(), snapshot.inFlight())
        .thenApply(
            renewed -> {
              renewed.ifPresent(this::renewed);
              return renewed.isPresent() || claim.epoch() > lost.epoch()
                  ? FenceResult.APPLIED
                  : FenceResult.FENCED;
            });
  }

  private SessionStore store() {
    return services.store();
  }

  private synchronized void renewed(SessionClaim restored) {
    if (restored.epoch() > claim.epoch()) {
      services.metrics().sessionsRestored.increment();
      claim = restored;
    }
  }
}
