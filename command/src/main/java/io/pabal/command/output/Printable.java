// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.util.function.IntPredicate;

/**
 * Makes foreign text harmless for a terminal and for a log: client identifiers, addresses,
 * payloads, user names, reasons and messages of exceptions. Unescaped, such a text could forge
 * lines, move the operator's cursor, set the window's title or reverse the direction of writing.
 *
 * <p>These characters are escaped, as in {@code \\u001B}: control characters (C0, DEL, C1), format
 * characters (among them those that reverse the direction of writing), line and paragraph
 * separators, and unpaired surrogates. All other characters are kept.
 */
public final class Printable {

  /** How many characters of an escaped text {@link #of(String)} keeps at most. */
  public static final int CHARS_MAX = 512;

  private Printable() {}

  /** {@code text} escaped, and cut at {@value #CHARS_MAX} characters. */
  public static String of(String text) {
    return of(text, CHARS_MAX);
  }

  /**
   * {@code text} escaped. A longer text is cut, and the number of characters left out is appended:
   * {@code begin…(+70 characters)}.
   *
   * @param charsMax how many characters of the escaped text are kept at most
   */
  public static String of(String text, int charsMax) {
    return escaped(text, charsMax, Printable::isHarmful);
  }

  /** As {@link #of(String, int)} for text of several lines: line feeds are kept. */
  public static String lines(String text, int charsMax) {
    return escaped(text, charsMax, point -> point != '\n' && isHarmful(point));
  }

  /**
   * The same JSON with every harmful character escaped. Outside of strings, the only harmful
   * characters in JSON are line breaks, which are kept. Within strings, an escape means the same
   * character.
   */
  static String json(String document) {
    int harmless = harmlessChars(document, Printable::isHarmfulInJson);
    if (harmless == document.length()) {
      return document;
    }
    StringBuilder printable = new StringBuilder(document.length() + 16);
    printable.append(document, 0, harmless);
    document
        .substring(harmless)
        .codePoints()
        .forEach(
            point -> {
              if (isHarmfulInJson(point)) {
                for (char unit : Character.toChars(point)) {
                  appendEscape(printable, unit);
                }
              } else {
                printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }

  private static String escaped(String text, int charsMax, IntPredicate harmful) {
    int harmless = harmlessChars(text, harmful);
    if (harmless == text.length() && harmless <= charsMax) {
      return text;
    }
    StringBuilder printable = new StringBuilder(Math.min(text.length(), charsMax) + 32);
    int at = 0;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      int before = printable.length();
      if (harmful.test(point)) {
        appendEscape(printable, point);
      } else {
        printable.appendCodePoint(point);
      }
      if (printable.length() > charsMax) {
        printable.setLength(before);
        return printable.append("…(+%d characters)".formatted(text.length() - at)).toString();
      }
      at += Character.charCount(point);
    }
    return printable.toString();
  }

  /** How many characters at the beginning of {@code text} need no escape. */
  private static int harmlessChars(String text, IntPredicate harmful) {
    int at = 0;
    while (at < text.length()) {
      int point = text.codePointAt(at);
      if (harmful.test(point)) {
        break;
      }
      at += Character.charCount(point);
    }
    return at;
  }

  private static void appendEscape(StringBuilder printable, int point) {
    printable.append("\\u%04X".formatted(point));
  }

  private static boolean isHarmfulInJson(int point) {
    return point != '\n' && point != '\r' && isHarmful(point);
  }

  private static boolean isHarmful(int point) {
    if (point >= ' ' && point <= '~') {
      return false;
    }
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
