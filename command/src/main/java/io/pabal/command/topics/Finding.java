// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

/**
 * What one setting came to.
 *
 * @param subject the topic, or {@code brokers}
 * @param setting what was looked at
 * @param value what it is
 * @param expected what it should be
 * @param action what to do; empty when all is well
 */
record Finding(
    Verdict verdict, String subject, String setting, String value, String expected, String action) {

  /** How bad it is. */
  enum Verdict {
    /** As it should be. */
    OK,
    /** The promise holds, but not as well as it could; or this is a cluster to try things out. */
    WARN,
    /** The promise does not hold. */
    FAIL
  }

  static Finding ok(String subject, String setting, Object value, String expected) {
    return new Finding(Verdict.OK, subject, setting, value.toString(), expected, "");
  }

  /** OK when {@code good}, else {@code otherwise} with what to do. */
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
