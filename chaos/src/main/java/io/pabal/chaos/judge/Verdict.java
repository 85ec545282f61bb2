// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.List;

/**
 * The judge's verdict on a run.
 *
 * @param figures the figures of the run
 * @param longestPause describes the message with the longest pause, for the log
 * @param violations the first {@value Findings#VIOLATIONS_KEPT_MAX} violations
 */
public record Verdict(RunFigures figures, String longestPause, List<Violation> violations) {

  /** Whether no promise was broken. */
  public boolean ok() {
    return figures.ok();
  }
}
