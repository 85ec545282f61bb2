// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of one address that is sent again: everything beyond {@code at}, up to {@code through}.
 */
record Repeat(long at, long through) {

  /** Both as one, from the earlier beginning to the later end. */
  Repeat with(@Nullable Repeat other) {
    return other == null
        ? this
        : new Repeat(Math.min(at, other.at), Math.max(through, other.through));
  }

  /** What is left of it up to {@code sent}, which is all that can be sent <em>again</em>. */
  @Nullable Repeat upTo(long sent) {
    return at < Math.min(through, sent) ? new Repeat(at, Math.min(through, sent)) : null;
  }

  /** What is left of it when everything up to {@code offset} was sent again. */
  @Nullable Repeat after(long offset) {
    return offset <= at ? this : new Repeat(offset, through).upTo(through);
  }
}
