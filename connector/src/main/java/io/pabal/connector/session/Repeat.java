// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import org.jspecify.annotations.Nullable;

/**
 * A range of one feed's messages that is sent again after a rewind.
 *
 * @param at the offset before the first message that is still to be sent again; -1: from the first
 *     message of the partition
 * @param through the last offset to send again
 */
record Repeat(long at, long through) {

  /**
   * Merges both ranges into one, from the lower beginning to the higher end. When the ranges are
   * apart, the offsets between them are part of the result.
   */
  Repeat with(@Nullable Repeat other) {
    return other == null
        ? this
        : new Repeat(Math.min(at, other.at), Math.max(through, other.through));
  }

  /**
   * Returns the part up to {@code sent}, or null when that part is empty. Only this part can be
   * sent <em>again</em>.
   */
  @Nullable Repeat upTo(long sent) {
    return at < Math.min(through, sent) ? new Repeat(at, Math.min(through, sent)) : null;
  }

  /** Returns the rest after everything up to {@code offset} was sent again; null: no rest. */
  @Nullable Repeat after(long offset) {
    return offset <= at ? this : new Repeat(offset, through).upTo(through);
  }
}
