// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks which messages of a stream one subscriber has got. The messages are numbered 0, 1, 2 and
 * so on; those that are missing, arrive late or arrive again are counted. Takes a few bytes while
 * nothing is wrong. At most {@value #MISSING_MAX} missing messages are remembered; a further one
 * counts as lost even if it arrives later. For one thread.
 */
public final class SequenceCheck {

  static final int MISSING_MAX = 4_096;

  /** A number further ahead than this was never sent: no publisher has so many in flight. */
  static final int AHEAD_MAX = 1 << 20;

  private long next;
  private int duplicates;
  private int outOfOrder;
  private int unknown;
  private long givenUp;
  private @Nullable Set<Long> missing;

  /** Message {@code number} has arrived. */
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

  /** One more than the highest number that has arrived. */
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

  /** Messages with an impossible number. */
  public int unknown() {
    return unknown;
  }
}
