// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.util.stream.IntStream;

/**
 * Consecutive slots.
 *
 * @param first the first slot, from 0
 * @param last the last slot, inclusive, up to 16,383
 */
public record SlotRange(int first, int last) {

  /** The number of slots of a cluster. */
  public static final int SLOTS = 16_384;

  /** Throws an {@link IllegalArgumentException} when this is no range of slots. */
  public SlotRange {
    if (first < 0 || first > last || last >= SLOTS) {
      throw new IllegalArgumentException(
          "slots: %d-%d (expected: two of 0-%d in this order).".formatted(first, last, SLOTS - 1));
    }
  }

  /** The range of an entry in the answer to CLUSTER NODES: {@code 5} or {@code 5-17}. */
  static SlotRange parse(String text) {
    int dash = text.indexOf('-');
    return dash < 0
        ? new SlotRange(Integer.parseInt(text), Integer.parseInt(text))
        : new SlotRange(
            Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
  }

  /** Whether the slot is in this range. */
  public boolean contains(int slot) {
    return first <= slot && slot <= last;
  }

  /** The number of slots. */
  public int size() {
    return last - first + 1;
  }

  /** The slots in their order. */
  public IntStream slots() {
    return IntStream.rangeClosed(first, last);
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
