// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

/** Writes texts as JSON strings (RFC 8259, section 7). */
final class JsonText {

  private JsonText() {}

  /** The text in quotation marks. Characters that a JSON string must not contain are escaped. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
