// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

/**
 * The result of one check.
 *
 * @param subject the name of the topic, or "broker" with the broker's id
 * @param setting the setting or state that was checked
 * @param value the value that was found
 * @param expected the value that is expected
 * @param action the action for the operator; empty when the verdict is {@link Verdict#OK}
 */
record Finding(
    Verdict verdict, String subject, String setting, String value, String expected, String action) {

  /** The severity of a finding. */
  enum Verdict {
    /** The value is as expected. */
    OK,
    /**
     * The delivery guarantee holds, but not as well as it could; or the cluster is good enough only
     * for trying things out.
     */
    WARN,
    /** The delivery guarantee does not hold. */
    FAIL
  }

  static Finding ok(String subject, String setting, Object value, String expected) {
    return new Finding(Verdict.OK, subject, setting, value.toString(), expected, "");
  }

  /** OK when {@code good}; otherwise the verdict {@code otherwise} with {@code action}. */
  static Finding of(
      boolean good,
      Verdict otherwise,
      String subject,
      String setting,
      Object value,
      String expected,
      String action) {
    return good
        ? ok(subject, setting, value, expected)
        : new Finding(otherwise, subject, setting, value.toString(), expected, action);
  }
}
