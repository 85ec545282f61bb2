// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a value is written, and which are allowed.
 *
 * @param expected what is allowed, in the words of an error: {@code 1-65535}
 * @param parser the value of a text; empty when it is not allowed
 * @param printer the text of a value, without secrets
 */
public record ValueType<T>(
    String expected, Function<String, Optional<T>> parser, Function<T, String> printer) {

  /** {@code true} or {@code false}. */
  public static final ValueType<Boolean> BOOLEAN =
      new ValueType<>(
          "true or false",
          text ->
              switch (text) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
              },
          Object::toString);

  /** A path of the file system. */
  public static final ValueType<Path> PATH =
      new ValueType<>("a path", ValueType::path, Path::toString);

  /** Where Redis is. A password in it is not printed. */
  public static final ValueType<URI> REDIS_URI =
      new ValueType<>(
          "redis://HOST:PORT or rediss://HOST:PORT",
          text -> uri(text, Set.of("redis", "rediss")),
          ValueType::masked);

  /** Where a schema registry is. A password in it is not printed. */
  public static final ValueType<URI> HTTP_URI =
      new ValueType<>(
          "http://HOST:PORT/PATH or https://HOST:PORT/PATH",
          text -> uri(text, Set.of("http", "https")),
          ValueType::masked);

  /** A share of something. */
  public static final ValueType<Double> RATIO =
      new ValueType<>(
          "0-1, such as 0.001",
          text ->
              decimal(text).map(BigDecimal::doubleValue).filter(ratio -> ratio >= 0 && ratio <= 1),
          ratio -> BigDecimal.valueOf(ratio).stripTrailingZeros().toPlainString());

  /** A whole number. */
  public static ValueType<Long> wholeNumber(long min, long max) {
    return new ValueType<>(
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
    return new ValueType<>(
        expected,
        text -> compiled.matcher(text).matches() ? Optional.of(text) : Optional.empty(),
        Function.identity());
  }

  /** One of the constants of {@code type}, written in lower case with hyphens. */
  public static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    E[] constants = type.getEnumConstants();
    return new ValueType<>(
        Arrays.stream(constants).map(ValueType::hyphenated).collect(Collectors.joining(" or ")),
        text ->
            Arrays.stream(constants)
                .filter(constant -> hyphenated(constant).equals(text))
                .findFirst(),
        ValueType::hyphenated);
  }

  private <R> ValueType<R> map(Function<T, R> to, Function<R, T> from) {
    return new ValueType<>(
        expected, text -> parser.apply(text).map(to), value -> printer.apply(from.apply(value)));
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

  private static Optional<URI> uri(String text, Set<String> schemes) {
    try {
      URI uri = new URI(text);
      boolean known = uri.getScheme() != null && schemes.contains(uri.getScheme());
      return known && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static String masked(URI uri) {
    String userInfo = uri.getRawUserInfo();
    return userInfo == null ? uri.toString() : uri.toString().replace(userInfo + "@", "***@");
  }

  private static String hyphenated(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
