// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one subscriber has got of a stream whose messages are numbered 0, 1, 2 and so on: which are
 * missing, came late or came again. A few bytes while nothing is wrong; at most {@value
 * #MISSING_MAX} missing messages are remembered, and beyond them one that is missing counts as lost
 * even if it comes later. For one thread.
 */
public final class SequenceCheck {

  static final int MISSING_MAX = 4_096;

  /** A number further ahead than this was never sent: nobody has so many on their way. */
  static final int AHEAD_MAX = 1 << 20;

  private long next;
  private int duplicates;
  private int outOfOrder;
  private int unknown;
  private long givenUp;
  private @Nullable Set<Long> missing;

  /** A message came. */
  public void accept(long number) {
    if (number == next) {
      next++;
    } else if (number < 0 || number > next + AHEAD_MAX) {
      unknown++;
    } else if (number > next) {
      skip(number);
      next = number + 1;
    } else if (missing != null && missing.remove(number)) {
      outOfOrder++;
    } else {
      duplicates++;
    }
  }

  private void skip(long number) {
    if (missing == null) {
      missing = new HashSet<>();
    }
    for (long each = next; each < number; each++) {
      if (missing.size() < MISSING_MAX) {
        missing.add(each);
      } else {
        givenUp++;
      }
    }
  }

  /** The number behind the highest that came. */
  public long next() {
    return next;
  }

  /** Messages that did not come, of the first {@code sent}. */
  public long lost(long sent) {
    return givenUp + (missing == null ? 0 : missing.size()) + Math.max(0, sent - next);
  }

  /** Messages that came after a later one. */
  public int outOfOrder() {
    return outOfOrder;
  }

  /** Messages that came once more. */
  public int duplicates() {
    return duplicates;
  }

  /** Messages with a number that cannot be. */
  public int unknown() {
    return unknown;
  }
}
