// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** Refuses values of flags that are out of bounds. The bounds themselves are allowed. */
public final class Bounds {

  private Bounds() {}

  /**
   * Checks a whole number.
   *
   * @throws UsageException when the value is refused; names the flag, the value and the bounds
   */
  public static void between(String flag, long value, long min, long max) {
    if (value < min || value > max) {
      throw refusal(flag, Long.toString(value), Long.toString(min), Long.toString(max));
    }
  }

  /**
   * Checks a number. NaN is refused, too.
   *
   * @throws UsageException when the value is refused; names the flag, the value and the bounds
   */
  public static void between(String flag, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw refusal(flag, plain(value), plain(min), plain(max));
    }
  }

  private static UsageException refusal(String flag, String value, String min, String max) {
    return new UsageException("%s: %s (expected: %s-%s).".formatted(flag, value, min, max));
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
