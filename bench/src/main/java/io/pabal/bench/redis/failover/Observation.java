// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import io.pabal.bench.client.Latencies;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * How long claims waited that were granted in some time: those of one primary's sessions, and all
 * others. A wait is the time from when a claim was due until it was granted. Used by one thread.
 */
final class Observation {

  private record Wait(long dueNanos, long nanos) {}

  private final IntPredicate slots;
  private final List<Wait> waits = new ArrayList<>();
  private long begunNanos;
  private boolean isReplaced;
  private long replacedNanos;
  private boolean servesAgain;
  private long servesAgainNanos;
  private long othersLongestNanos;

  /**
   * An observation that has not begun.
   *
   * @param slots the slots of the primary
   */
  Observation(IntPredicate slots) {
    this.slots = slots;
  }

  /** The observation begins now. */
  void begin(long nowNanos) {
    begunNanos = nowNanos;
  }

  /** The primary grants nothing any more that is sent from now on: its successor has to. */
  void replaced(long nowNanos) {
    isReplaced = true;
    replacedNanos = nowNanos;
  }

  /** Takes a claim that was granted. */
  void granted(PendingClaim claim, long nowNanos) {
    long nanos = nowNanos - claim.dueNanos();
    if (!slots.test(claim.slot())) {
      othersLongestNanos = Math.max(othersLongestNanos, nanos);
      return;
    }
    waits.add(new Wait(claim.dueNanos(), nanos));
    if (isReplaced && !servesAgain && claim.sentNanos() - replacedNanos > 0) {
      servesAgain = true;
      servesAgainNanos = nowNanos;
    }
  }

  /** Whether the successor of the primary has granted a claim. */
  boolean servesAgain() {
    return servesAgain;
  }

  /** The waits until now. */
  ClaimWaits waits() {
    long[] failover =
        waits.stream()
            .filter(each -> servesAgain)
            .filter(each -> each.dueNanos - begunNanos >= 0)
            .filter(each -> each.dueNanos - servesAgainNanos <= 0)
            .mapToLong(Wait::nanos)
            .toArray();
    return new ClaimWaits(
        Latencies.of(failover, failover.length),
        waits.stream().mapToLong(Wait::nanos).max().orElse(0),
        othersLongestNanos);
  }
}
