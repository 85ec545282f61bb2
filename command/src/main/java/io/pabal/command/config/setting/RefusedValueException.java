// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

/** A text is no value of its type. The message never shows what may be a secret. */
public final class RefusedValueException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String shown;

  RefusedValueException(String shown, String expected) {
    super("%s (expected: %s)".formatted(shown, expected));
    this.shown = shown;
  }

  /** The text, or what is wrong with one that is not shown. */
  public String shown() {
    return shown;
  }
}
