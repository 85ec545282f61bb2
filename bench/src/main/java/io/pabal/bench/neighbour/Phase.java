// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.neighbour;

import java.util.concurrent.TimeUnit;

/** A stretch of time around a kill. */
public enum Phase {
  /** Nothing is wrong. */
  BEFORE("5 s before", "before", -5, 0),
  /** The neighbour has just died. */
  AROUND("0-2 s after", "around", 0, 2),
  /** It is still away. */
  LATER("5-10 s after", "later", 5, 10),
  /** From the start of the new process until all its sessions have what they missed. */
  COMING_BACK("coming back", "comingBack", 0, 0);

  private final String label;
  private final String key;
  private final int fromSeconds;
  private final int toSeconds;

  Phase(String label, String key, int fromSeconds, int toSeconds) {
    this.label = label;
    this.key = key;
    this.fromSeconds = fromSeconds;
    this.toSeconds = toSeconds;
  }

  String label() {
    return label;
  }

  String key() {
    return key;
  }

  long lengthNanos() {
    return TimeUnit.SECONDS.toNanos(toSeconds - fromSeconds);
  }

  long fromNanos(long killedNanos) {
    return killedNanos + TimeUnit.SECONDS.toNanos(fromSeconds);
  }

  long toNanos(long killedNanos) {
    return killedNanos + TimeUnit.SECONDS.toNanos(toSeconds);
  }
}
