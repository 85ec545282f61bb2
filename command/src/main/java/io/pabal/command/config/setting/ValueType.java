// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import io.pabal.schemas.address.ServerUri;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a value is written, and which are allowed.
 *
 * @param expected what is allowed, in the words of an error: {@code 1-65535}
 * @param parser the value of a text; throws an {@link IllegalArgumentException} when it is not
 *     allowed, whose message never has the text in it
 * @param printer the text of a value, without secrets
 * @param isSecret whether a text may hold a secret, so that no error shows it; says what is wrong
 *     instead
 */
public record ValueType<T>(
    String expected, Function<String, T> parser, Function<T, String> printer, boolean isSecret) {

  /** {@code true} or {@code false}. */
  public static final ValueType<Boolean> BOOLEAN =
      plain(
          "true or false",
          text ->
              switch (text) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
              },
          Object::toString);

  /** A path of the file system. */
  public static final ValueType<Path> PATH = plain("a path", ValueType::path, Path::toString);

  /** A share of something. */
  public static final ValueType<Double> RATIO =
      plain(
          "0-1, such as 0.001",
          text ->
              decimal(text).map(BigDecimal::doubleValue).filter(ratio -> ratio >= 0 && ratio <= 1),
          ratio -> BigDecimal.valueOf(ratio).stripTrailingZeros().toPlainString());

  /**
   * The value of {@code text}.
   *
   * @throws RefusedValueException when it is not allowed
   */
  public T parse(String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      // Not as a cause: it may have the text in its message after all.
      throw new RefusedValueException(
          isSecret ? ServerUri.MASK + ", " + e.getMessage() : Shown.of(text), expected);
    }
  }

  /** A whole number. */
  public static ValueType<Long> wholeNumber(long min, long max) {
    return plain(
        min + "-" + max,
        text -> parseLong(text).filter(number -> number >= min && number <= max),
        Object::toString);
  }

  /** A whole number that fits an {@code int}. */
  public static ValueType<Integer> integer(int min, int max) {
    return wholeNumber(min, max).map(Math::toIntExact, Integer::longValue);
  }

  /** A whole number of milliseconds. */
  public static ValueType<Duration> millis(long min, long max) {
    return wholeNumber(min, max).map(Duration::ofMillis, Duration::toMillis);
  }

  /** A whole number of seconds. */
  public static ValueType<Duration> seconds(long min, long max) {
    return wholeNumber(min, max).map(Duration::ofSeconds, Duration::toSeconds);
  }

  /** A whole number of hours. */
  public static ValueType<Duration> hours(long min, long max) {
    return wholeNumber(min, max).map(Duration::ofHours, Duration::toHours);
  }

  /** A text of the form {@code pattern}. */
  public static ValueType<String> text(String pattern, String expected) {
    Pattern compiled = Pattern.compile(pattern);
    return plain(
        expected,
        text -> compiled.matcher(text).matches() ? Optional.of(text) : Optional.empty(),
        Function.identity());
  }

  /** One of the constants of {@code type}, written in lower case with hyphens. */
  public static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return plain(
        Arrays.stream(constants).map(ValueType::hyphenated).collect(Collectors.joining(" or ")),
        text ->
            Arrays.stream(constants)
                .filter(constant -> hyphenated(constant).equals(text))
                .findFirst(),
        ValueType::hyphenated);
  }

  private <R> ValueType<R> map(Function<T, R> to, Function<R, T> from) {
    return new ValueType<>(
        expected,
        text -> to.apply(parser.apply(text)),
        value -> printer.apply(from.apply(value)),
        isSecret);
  }

  private static <T> ValueType<T> plain(
      String expected, Function<String, Optional<T>> parser, Function<T, String> printer) {
    return new ValueType<>(
        expected,
        text -> parser.apply(text).orElseThrow(() -> new IllegalArgumentException(expected)),
        printer,
        false);
  }

  private static Optional<Long> parseLong(String text) {
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<BigDecimal> decimal(String text) {
    try {
      return Optional.of(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> path(String text) {
    try {
      return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String hyphenated(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
