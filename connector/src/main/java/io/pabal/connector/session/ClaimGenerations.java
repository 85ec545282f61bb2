// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionStore;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * The buckets of this connector's live sessions, and for each bucket the generation of its data
 * under which the sessions hold their claims. A bucket whose generation in Redis differs has lost
 * its data, and its sessions have to be written again. Safe for use by many threads.
 *
 * <p><b>No loss is missed.</b> {@link SessionTable} adds a session to its table first, and then
 * reports the generation that the claim's reply carried. {@link #take} replaces the generation
 * first, and then its caller walks over the table. So the walk finds the session, or the report
 * finds another generation than its own: the bucket then counts as changed, and the next check
 * renews its sessions.
 */
public final class ClaimGenerations {

  /** The generation of a bucket whose sessions may hold claims of several generations. */
  private static final long SEVERAL = -2;

  private final AtomicIntegerArray sessions = new AtomicIntegerArray(SessionKeys.BUCKETS);

  /** {@link SessionStore#NO_GENERATION} until the first claim. */
  private final AtomicLongArray generations = new AtomicLongArray(SessionKeys.BUCKETS);

  /** Counts a session that was added to the table. */
  void added(String clientId) {
    sessions.incrementAndGet(SessionKeys.bucket(clientId));
  }

  /** Counts a session that was removed from the table. */
  void removed(String clientId) {
    sessions.decrementAndGet(SessionKeys.bucket(clientId));
  }

  /** Takes the generation that the reply to a claim carried, or to the restore of a session. */
  void claimed(String clientId, long generation) {
    int bucket = SessionKeys.bucket(clientId);
    if (!generations.compareAndSet(bucket, SessionStore.NO_GENERATION, generation)
        && generations.get(bucket) != generation) {
      generations.set(bucket, SEVERAL);
    }
  }

  /** The buckets that have sessions. */
  int[] occupied() {
    return IntStream.range(0, SessionKeys.BUCKETS).filter(b -> sessions.get(b) > 0).toArray();
  }

  /**
   * Takes the present generation of a bucket.
   *
   * @return whether the bucket has lost data: its sessions have to be renewed
   */
  boolean take(int bucket, long present) {
    long before = generations.get(bucket);
    return before != present && generations.compareAndSet(bucket, before, present);
  }

  /** A session could not be renewed: the next check renews the bucket again. */
  void notRenewed(String clientId) {
    generations.set(SessionKeys.bucket(clientId), SEVERAL);
  }
}
