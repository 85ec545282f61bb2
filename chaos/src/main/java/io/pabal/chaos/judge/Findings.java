// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The findings of a judge so far: figures and violations. */
final class Findings {

  static final int VIOLATIONS_KEPT_MAX = 1_000;

  long delivered;
  long duplicates;
  long excused;
  long told;
  long longestPauseMillis;
  String longestPause = "none";
  final List<Violation> violations = new ArrayList<>();
  final Map<Violation.Kind, Integer> counts = new EnumMap<>(Violation.Kind.class);

  void violated(Violation.Kind kind, long atMillis, String detail) {
    counts.merge(kind, 1, Integer::sum);
    if (violations.size() < VIOLATIONS_KEPT_MAX) {
      violations.add(new Violation(kind, atMillis, detail));
    }
  }
}
