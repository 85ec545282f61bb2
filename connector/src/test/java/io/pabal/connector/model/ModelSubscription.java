// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import java.util.NavigableSet;
import java.util.TreeSet;

/** What one subscription of one session may rely on. */
final class ModelSubscription {

  private static final long NOTHING = Long.MAX_VALUE;

  private final NavigableSet<Long> acknowledged = new TreeSet<>();

  /** Whether it was acknowledged; else it may have been taken, or not. */
  boolean sure;

  /** The highest QoS that anything may arrive at. */
  int qos;

  /** The SUBSCRIBE or UNSUBSCRIBE that decides; an answer to an earlier one tells nothing. */
  int operation;

  /** The cursor in Redis when it was last looked at. */
  long cursor = Long.MIN_VALUE;

  private long owedFrom = NOTHING;

  /** From {@code offset} on everything has to arrive, if it had not to already. */
  void owe(long offset) {
    owedFrom = Math.min(owedFrom, offset);
  }

  /** Nothing has to arrive any more. */
  void forgive() {
    owedFrom = NOTHING;
  }

  boolean isOwed(long offset) {
    return offset >= owedFrom && !acknowledged.contains(offset);
  }

  boolean isOwedAnything() {
    return owedFrom != NOTHING;
  }

  void acknowledged(long offset) {
    acknowledged.add(offset);
  }
}
