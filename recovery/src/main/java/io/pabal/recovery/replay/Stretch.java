// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

/**
 * The part of a replay's range that lies in one partition of {@code messages}.
 *
 * @param from the first offset of the range
 * @param to the first offset behind the range
 * @param end the end offset of the partition; timelines are repaired up to it
 */
public record Stretch(int partition, long from, long to, long end) {

  /** Checks that the offsets ascend. */
  public Stretch {
    if (from > to || to > end) {
      throw new IllegalArgumentException(
          "partition %d: %d, %d, %d (expected: ascending)".formatted(partition, from, to, end));
    }
  }
}
