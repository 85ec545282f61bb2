// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.List;

/**
 * What the judge found.
 *
 * @param figures the run in numbers
 * @param longestPause which message the longest pause was of
 * @param violations the first {@value Findings#VIOLATIONS_KEPT_MAX} broken promises
 */
public record Verdict(RunFigures figures, String longestPause, List<Violation> violations) {

  /** Whether no promise was broken. */
  public boolean ok() {
    return figures.ok();
  }
}
