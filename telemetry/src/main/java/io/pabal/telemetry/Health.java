// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.util.List;

/**
 * How a part is at one moment.
 *
 * @param checks everything that was looked at
 */
public record Health(List<Check> checks) {

  /** What a check that fails means. */
  public enum Weight {
    /** The part will not recover by itself: it has to be started again. */
    LIVE,
    /** It does not do its work now; it may do so again. */
    READY,
    /** It does its work, but not all of it. */
    INFORMATION
  }

  /**
   * One thing that was looked at.
   *
   * @param name what
   * @param weight what it means when it is not well
   * @param ok whether it is well
   * @param detail why not, in a sentence; empty when there is nothing to say
   */
  public record Check(String name, Weight weight, boolean ok, String detail) {

    /** A check that says {@code detail} only when it fails. */
    public static Check of(String name, Weight weight, boolean ok, String detail) {
      return new Check(name, weight, ok, ok ? "" : detail);
    }
  }

  /** A copy of {@code checks}. */
  public Health {
    checks = List.copyOf(checks);
  }

  /** Whether it may go on as it is; when not, it has to be started again. */
  public boolean isLive() {
    return checks.stream().allMatch(check -> check.ok() || check.weight() != Weight.LIVE);
  }

  /** Whether it does its work now. */
  public boolean isReady() {
    return checks.stream().allMatch(check -> check.ok() || check.weight() == Weight.INFORMATION);
  }
}
