// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import io.pabal.command.UsageException;

/** Flags whose values are written like those of keys. */
public final class Flags {

  private Flags() {}

  /**
   * The value that {@code text} gives {@code flag}.
   *
   * @throws UsageException when it is not allowed; does not show what may be a secret
   */
  public static <T> T parse(String flag, ValueType<T> type, String text) {
    try {
      return type.parse(text);
    } catch (RefusedValueException e) {
      throw new UsageException("%s: %s.".formatted(flag, e.getMessage()));
    }
  }
}
