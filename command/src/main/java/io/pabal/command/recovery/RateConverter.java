// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of messages a second: {@code 50000/s}, or {@code 50000}. */
final class RateConverter implements ITypeConverter<Long> {

  private static final Pattern RATE = Pattern.compile("([1-9]\\d{0,8})(?:/s)?");

  @Override
  public Long convert(String text) {
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(text + " (expected: messages a second, such as 50000/s)");
    }
    return Long.parseLong(matcher.group(1));
  }
}
