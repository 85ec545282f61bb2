// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredCursor;
import io.pabal.sessioncache.session.StoredFeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Persistent sessions in Redis, each with one feed of its own, claimed by this process, and in the
 * order of their buckets. Used by one thread.
 */
final class StoredSessions {

  private static final long EXPIRY_SECONDS = 3_600;
  private static final int IN_FLIGHT_MAX = 500;

  private final List<SessionClaim> claims;
  private int next;
  private long cursor;

  private StoredSessions(List<SessionClaim> claims) {
    this.claims = claims;
  }

  /** Stores {@code count} sessions whose client identifiers begin with {@code prefix}. Blocks. */
  static StoredSessions store(SessionStore store, String prefix, int count)
      throws InterruptedException {
    List<SessionClaim> claims = new ArrayList<>(count);
    InFlight calls = new InFlight(IN_FLIGHT_MAX);
    for (int i = 0; i < count; i++) {
      String clientId = prefix + i;
      calls.add(
          () ->
              begin(store, clientId)
                  .thenAccept(
                      claim -> {
                        synchronized (claims) {
                          claims.add(claim);
                        }
                      }));
    }
    calls.await();
    List<SessionClaim> sorted;
    synchronized (claims) {
      sorted = new ArrayList<>(claims);
    }
    sorted.sort(Comparator.comparingInt(claim -> SessionKeys.bucket(claim.clientId())));
    return new StoredSessions(sorted);
  }

  /** The claim of a session that its client comes back to. */
  static ClaimRequest request(String clientId) {
    return new ClaimRequest(clientId, "bench", 1, /* cleanStart= */ false, EXPIRY_SECONDS);
  }

  /** The client identifier of the next session, in turn. */
  String nextClientId() {
    return claims.get(nextIndex()).clientId();
  }

  /**
   * Checkpoints of the next sessions, in turn, with a cursor each that moved.
   *
   * @param max the number of sessions; fewer when they are the last ones of their bucket
   */
  List<ProgressWrite> nextCheckpoints(int max) {
    List<ProgressWrite> checkpoints = new ArrayList<>(max);
    int bucket = nextBucket();
    do {
      int session = nextIndex();
      SessionClaim claim = claims.get(session);
      claim = claim.forWrite(claim.write(), claim.write() + 1);
      claims.set(session, claim);
      var moved = new StoredCursor(feed(claim.clientId()), ++cursor);
      checkpoints.add(ProgressWrite.checkpoint(claim, SessionProgress.of(moved)));
    } while (checkpoints.size() < max && next != 0 && nextBucket() == bucket);
    return checkpoints;
  }

  private int nextIndex() {
    int index = next;
    next = (next + 1) % claims.size();
    return index;
  }

  private int nextBucket() {
    return SessionKeys.bucket(claims.get(next).clientId());
  }

  private static CompletionStage<SessionClaim> begin(SessionStore store, String clientId) {
    List<StoredFeed> feeds = List.of(new StoredFeed(feed(clientId), 1, 0));
    return store
        .claim(request(clientId))
        .thenCompose(
            claim ->
                store
                    .begin(claim.session(), EXPIRY_SECONDS)
                    .thenCompose(begun -> store.putFeeds(claim.session(), feeds))
                    .thenApply(stored -> claim.session()));
  }

  private static String feed(String clientId) {
    return "users/" + clientId;
  }
}
