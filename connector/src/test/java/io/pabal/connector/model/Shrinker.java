// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.model.ResumeModelTest.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a failing history shorter by taking out commands, ever fewer at a time, as long as it fails
 * for the same reason.
 */
final class Shrinker {

  private Shrinker() {}

  /** The shortest failure found within the time. */
  static Failure shrink(
      Failure failure, long forNanos, Function<List<Command>, @Nullable Failure> replay) {
    long start = System.nanoTime();
    Failure shortest = failure;
    int chunk = shortest.history().size() / 2;
    while (chunk > 0) {
      boolean shorter = false;
      for (int from = shortest.history().size() - chunk; from >= 0; from -= chunk) {
        if (System.nanoTime() - start > forNanos) {
          return shortest;
        }
        List<Command> without = new ArrayList<>(shortest.history());
        without.subList(from, from + chunk).clear();
        Failure candidate = replay.apply(without);
        if (candidate != null && candidate.isLike(failure)) {
          shortest = candidate;
          from = Math.min(from, shortest.history().size());
          shorter = true;
        }
      }
      chunk = shorter && chunk == 1 ? 1 : chunk / 2;
    }
    return shortest;
  }
}
