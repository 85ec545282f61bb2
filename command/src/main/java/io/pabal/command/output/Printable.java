// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

/**
 * Text from clients made harmless for a terminal. Whoever publishes chooses client identifiers,
 * addresses and payloads, and could otherwise move the operator's cursor, forge lines or set the
 * window's title.
 */
public final class Printable {

  private Printable() {}

  /**
   * {@code text} with control characters, and those that turn the direction of writing, as {@code
   * \\u001B}.
   */
  public static String of(String text) {
    if (text.codePoints().noneMatch(Printable::isHarmful)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              if (isHarmful(point)) {
                printable.append("\\u%04X".formatted(point));
              } else {
                printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }

  private static boolean isHarmful(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
