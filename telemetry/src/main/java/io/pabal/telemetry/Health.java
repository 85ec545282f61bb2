// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.util.List;

/**
 * The health of a part at one moment.
 *
 * @param checks the results of all checks
 */
public record Health(List<Check> checks) {

  /** The meaning of a failed check. */
  public enum Weight {
    /** The part does not recover by itself and has to be restarted. */
    LIVE,
    /** The part does not do its work now, and may recover by itself. */
    READY,
    /** The part does its work, but not all of it. */
    INFORMATION
  }

  /**
   * The result of one check.
   *
   * @param name the name of the check
   * @param weight the meaning of a failure
   * @param ok whether the check passed
   * @param detail the reason of a failure, in a sentence; empty when there is none
   */
  public record Check(String name, Weight weight, boolean ok, String detail) {

    /** A result whose {@code detail} is kept only for a failure. */
    public static Check of(String name, Weight weight, boolean ok, String detail) {
      return new Check(name, weight, ok, ok ? "" : detail);
    }
  }

  /** A copy of {@code checks}. */
  public Health {
    checks = List.copyOf(checks);
  }

  /** Whether the part may continue; false when it has to be restarted. */
  public boolean isLive() {
    return checks.stream().allMatch(check -> check.ok() || check.weight() != Weight.LIVE);
  }

  /** Whether the part does its work now. */
  public boolean isReady() {
    return checks.stream().allMatch(check -> check.ok() || check.weight() == Weight.INFORMATION);
  }
}
