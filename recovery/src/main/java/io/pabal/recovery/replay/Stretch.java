// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

/**
 * A piece of one partition of {@code messages}.
 *
 * @param from the first offset of the range that was asked for
 * @param to the first one behind it
 * @param end the first one behind all that the partition holds: timelines have to be right up to
 *     there
 */
public record Stretch(int partition, long from, long to, long end) {

  /** Checks the order. */
  public Stretch {
    if (from > to || to > end) {
      throw new IllegalArgumentException(
          "partition %d: %d, %d, %d (expected: ascending)".formatted(partition, from, to, end));
    }
  }
}
