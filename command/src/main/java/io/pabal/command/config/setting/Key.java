// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One thing that can be configured. Its declaration is the only place that knows its name, type,
 * bounds and default; parsing, the environment variable, {@code pabal check} and the example files
 * come from it.
 *
 * @param name the dotted name in a file, {@code listener.port}
 * @param type how its values are written, and which are allowed
 * @param fallback the value when nothing is configured
 * @param required whether it has to be set
 * @param example a value to show in example files
 * @param doc one sentence
 */
public record Key<T>(
    String name, ValueType<T> type, Optional<T> fallback, boolean required, T example, String doc) {

  private static final Pattern WORD_START = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  /** A key that has to be set. */
  public static <T> Key<T> required(String name, ValueType<T> type, T example, String doc) {
    return new Key<>(name, type, Optional.empty(), true, example, doc);
  }

  /** A key that has a value when nothing is configured. */
  public static <T> Key<T> of(String name, ValueType<T> type, T fallback, String doc) {
    return new Key<>(name, type, Optional.of(fallback), false, fallback, doc);
  }

  /** A key that may have no value; {@code doc} says what then happens. */
  public static <T> Key<T> optional(String name, ValueType<T> type, T example, String doc) {
    return new Key<>(name, type, Optional.empty(), false, example, doc);
  }

  /** The same key for those who can do without it being set: its example is its value then. */
  public Key<T> orExample() {
    return new Key<>(name, type, Optional.of(example), false, example, doc);
  }

  /** The environment variable that sets it, {@code PABAL_LISTENER_PORT}. */
  public String environmentVariable() {
    return Environment.PREFIX
        + WORD_START.matcher(name).replaceAll("_").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** What is before the last dot. */
  public String section() {
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** What is behind the last dot. */
  public String nameInSection() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** The example as it is written in a file. */
  public String printedExample() {
    return type.printer().apply(example);
  }
}
