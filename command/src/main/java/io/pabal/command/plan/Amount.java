// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers with a decimal suffix, to read and to print: {@code 40M}, {@code 6.5M}, {@code 500K}. */
final class Amount implements ITypeConverter<Long> {

  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)([KMGT]?)");
  private static final String[] DECIMAL = {"", " K", " M", " G", " T", " P"};
  private static final String[] BYTES = {" B", " KB", " MB", " GB", " TB", " PB"};

  @Override
  public Long convert(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(text + " (expected: a number, such as 500K, 6.5M or 40M)");
    }
    int power = matcher.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(matcher.group(2));
    return new BigDecimal(matcher.group(1)).scaleByPowerOfTen(3 * power).longValue();
  }

  /** A value rounded to about three digits, with a suffix for a power of 1000. */
  static String print(double value, String unit) {
    return unit.equals("B") || unit.equals("B/s")
        ? scaled(value, BYTES) + unit.substring(1)
        : scaled(value, DECIMAL) + (unit.isEmpty() ? "" : " " + unit);
  }

  private static String scaled(double value, String[] names) {
    int power = 0;
    double rest = value;
    while (rest >= (power == 0 ? 10_000 : 1_000) && power < names.length - 1) {
      rest /= 1000;
      power++;
    }
    boolean whole = rest == Math.rint(rest) || rest >= 100;
    return (whole ? "%,.0f" : "%,.1f").formatted(rest) + names[power];
  }
}
