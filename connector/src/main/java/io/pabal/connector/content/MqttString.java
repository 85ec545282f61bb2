// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.content;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8 Encoded Strings (MQTT 5, 1.5.4; MQTT 3.1.1, 1.5.3): which characters a string may contain.
 *
 * <p>Forbidden are the characters that a string MUST NOT contain, U+0000 and the surrogates, and
 * those that it SHOULD NOT contain, the control characters U+0001 to U+001F and U+007F to U+009F
 * and the non-characters: a receiver may close the connection because of any of them, and the
 * libraries of many clients do.
 *
 * <p>Every check is one pass and allocates nothing; ASCII text takes a fast path.
 */
public final class MqttString {

  /** Bytes of the longest string in UTF-8. */
  public static final int BYTES_MAX = 65_535;

  /** What {@link #utf8Bytes} returns for a string that contains a forbidden character. */
  public static final int FORBIDDEN = -1;

  private static final int NONE = -1;
  private static final int ASCII_MIN = 0x20;
  private static final int DELETE = 0x7F;
  private static final int CONTROL_MAX = 0x9F;
  private static final int TWO_BYTES_MIN = 0x80;
  private static final int THREE_BYTES_MIN = 0x800;
  private static final int FOUR_BYTES_MIN = 0x1_0000;
  private static final int CONTINUATION_BITS = 6;
  private static final int CONTINUATION_MASK = 0x3F;

  private MqttString() {}

  /**
   * Bytes of {@code text} in UTF-8, or {@link #FORBIDDEN}. The number may exceed {@link
   * #BYTES_MAX}.
   */
  public static int utf8Bytes(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit >= ASCII_MIN && unit < DELETE) {
        continue;
      }
      int character = text.codePointAt(i);
      if (isForbidden(character)) {
        return FORBIDDEN;
      }
      if (character >= FOUR_BYTES_MIN) {
        bytes += 2; // four bytes for two UTF-16 units
        i++;
      } else {
        bytes += character < THREE_BYTES_MIN ? 1 : 2;
      }
    }
    return bytes;
  }

  /** Whether {@code text} may be sent as a UTF-8 Encoded String. */
  public static boolean isValid(String text) {
    int bytes = utf8Bytes(text);
    return bytes != FORBIDDEN && bytes <= BYTES_MAX;
  }

  /**
   * The first forbidden character of {@code text}, as {@code U+0007}, for a reason text; null when
   * there is none.
   */
  public static @Nullable String firstForbidden(String text) {
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      if (isForbidden(text.codePointAt(i))) {
        return "U+%04X".formatted(text.codePointAt(i));
      }
    }
    return null;
  }

  /**
   * Whether the bytes between position and limit may be sent as a UTF-8 Encoded String. Does not
   * move the position.
   */
  public static boolean isValid(ByteBuffer utf8) {
    return utf8.remaining() <= BYTES_MAX && isWellFormed(utf8, true);
  }

  /**
   * Whether the bytes between position and limit are well-formed UTF-8, which may contain forbidden
   * characters. A payload whose Payload Format Indicator is 1 has to be (MQTT 5, 3.3.2.3.2). Does
   * not move the position.
   */
  public static boolean isUtf8(ByteBuffer bytes) {
    return isWellFormed(bytes, false);
  }

  private static boolean isWellFormed(ByteBuffer utf8, boolean asString) {
    int end = utf8.limit();
    int i = utf8.position();
    while (i < end) {
      int first = utf8.get(i);
      if (first >= ASCII_MIN && first < DELETE) {
        i++;
        continue;
      }
      int length = length(first);
      int character = length == NONE || length > end - i ? NONE : character(utf8, i, length);
      if (character == NONE || (asString && isForbidden(character))) {
        return false;
      }
      i += length;
    }
    return true;
  }

  private static int length(int first) {
    if (first >= 0) {
      return 1;
    }
    if ((first & 0xE0) == 0xC0) {
      return 2;
    }
    if ((first & 0xF0) == 0xE0) {
      return 3;
    }
    return (first & 0xF8) == 0xF0 ? 4 : NONE;
  }

  private static int character(ByteBuffer utf8, int at, int length) {
    int first = utf8.get(at);
    if (length == 1) {
      return first;
    }
    int character = first & (0x7F >> length);
    for (int i = at + 1; i < at + length; i++) {
      int next = utf8.get(i);
      if ((next & 0xC0) != 0x80) {
        return NONE;
      }
      character = (character << CONTINUATION_BITS) | (next & CONTINUATION_MASK);
    }
    int min = length == 2 ? TWO_BYTES_MIN : length == 3 ? THREE_BYTES_MIN : FOUR_BYTES_MIN;
    return character < min || character > Character.MAX_CODE_POINT || isSurrogate(character)
        ? NONE
        : character;
  }

  private static boolean isForbidden(int character) {
    return character < ASCII_MIN
        || (character >= DELETE && character <= CONTROL_MAX)
        || isSurrogate(character)
        || (character >= 0xFDD0 && character <= 0xFDEF)
        || (character & 0xFFFE) == 0xFFFE;
  }

  private static boolean isSurrogate(int character) {
    return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
  }
}
