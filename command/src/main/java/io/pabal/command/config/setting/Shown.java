// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import io.pabal.schemas.address.ServerUri;

/** A text of an operator's in an error. */
public final class Shown {

  private static final int CHARS_MAX = 300;

  private Shown() {}

  /**
   * The text itself; {@code ***} when it looks like a URI, in which there may be a password, or
   * cannot be read in one line.
   */
  public static String of(String text) {
    if (!isHarmless(text)) {
      return ServerUri.MASK;
    }
    return text.isBlank() ? '"' + text + '"' : text;
  }

  /** Whether there cannot be a password of a URI in it. A position may begin with {@code @}. */
  public static boolean isHarmless(String text) {
    return text.length() <= CHARS_MAX
        && text.indexOf('@', 1) < 0
        && !text.contains(":/")
        && text.chars().noneMatch(Character::isISOControl);
  }
}
