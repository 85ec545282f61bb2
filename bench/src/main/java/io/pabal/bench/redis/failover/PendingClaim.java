// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import io.pabal.sessioncache.redis.HashTags;
import io.pabal.sessioncache.session.SessionKeys;

/** One session that is claimed, tried again until the claim is granted. Used by one thread. */
final class PendingClaim {

  private final String clientId;
  private final int slot;
  private final long dueNanos;
  private long sentNanos;
  private boolean ended;

  /**
   * A claim that is not sent yet.
   *
   * @param dueNanos when the claim has to be sent for the first time; waits count from then
   */
  PendingClaim(String clientId, long dueNanos) {
    this.clientId = clientId;
    this.slot = HashTags.slotOf(SessionKeys.session(clientId));
    this.dueNanos = dueNanos;
  }

  String clientId() {
    return clientId;
  }

  /** The slot of the session's keys. */
  int slot() {
    return slot;
  }

  long dueNanos() {
    return dueNanos;
  }

  /** When the newest try was sent. */
  long sentNanos() {
    return sentNanos;
  }

  void sent(long nanos) {
    sentNanos = nanos;
  }

  /** The claim was granted, or is given up. */
  void end() {
    ended = true;
  }

  boolean isEnded() {
    return ended;
  }
}
