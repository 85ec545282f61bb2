// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

/** Texts as JSON (RFC 8259, 7). */
final class JsonText {

  private JsonText() {}

  /** The text in quotation marks, with what JSON does not allow in a string escaped. */
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
