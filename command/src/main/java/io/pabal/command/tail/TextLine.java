// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tail;

import io.pabal.command.output.Printable;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A record on one line: {@code 3:1042 2026-11-22T09:00:00Z users/bob qos=1 payload=hello}. Fields
 * that are null or empty are left out. Values are escaped and cut at {@value #VALUE_CHARS_MAX}
 * characters.
 */
final class TextLine {

  private static final Set<String> AHEAD = Set.of("partition", "offset", "timestamp", "key");

  /** A longer value is cut. The JSON format prints the whole value. */
  static final int VALUE_CHARS_MAX = 4_096;

  private TextLine() {}

  static String of(Map<String, @Nullable Object> fields) {
    StringJoiner line = new StringJoiner(" ");
    line.add(fields.get("partition") + ":" + fields.get("offset"));
    line.add(String.valueOf(fields.get("timestamp")));
    Object key = fields.get("key");
    line.add(key == null ? "-" : quoted(key.toString()));
    fields.forEach(
        (name, value) -> {
          if (AHEAD.contains(name)) {
            return;
          }
          if (name.equals("value") && value == null) {
            line.add("tombstone");
          } else if (value instanceof Map<?, ?> nested) {
            nested.forEach((inner, each) -> add(line, inner.toString(), each));
          } else {
            add(line, name, value);
          }
        });
    return line.toString();
  }

  private static void add(StringJoiner line, String name, @Nullable Object value) {
    if (value == null
        || value.equals("")
        || (value instanceof Collection<?> items && items.isEmpty())) {
      return;
    }
    line.add(name + "=" + quoted(value.toString()));
  }

  /** Escapes {@code text}, and quotes the result unless it is a single word. */
  private static String quoted(String text) {
    String printable = Printable.of(text, VALUE_CHARS_MAX);
    return printable.isEmpty() || printable.contains(" ") || printable.contains("\"")
        ? '"' + printable.replace("\"", "\\\"") + '"'
        : printable;
  }
}
