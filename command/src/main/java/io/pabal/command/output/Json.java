// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON of maps, lists, texts, numbers, booleans and instants. Instants are written as {@code
 * 2026-11-22T09:00:00Z}. Characters that could harm a terminal are escaped, so a parser still reads
 * the same text. Long texts are not cut.
 */
public final class Json {

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .registerModule(
              new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance));
  private static final ObjectWriter LINE = MAPPER.writer();
  private static final ObjectWriter DOCUMENT = MAPPER.writerWithDefaultPrettyPrinter();

  private Json() {}

  /** One line, for streams of objects. */
  public static String line(Map<String, ? extends @Nullable Object> object) {
    return write(LINE, object);
  }

  /** A document over several lines. */
  public static String document(Object value) {
    return write(DOCUMENT, value);
  }

  private static String write(ObjectWriter writer, Object value) {
    try {
      return Printable.json(writer.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a value for JSON: " + e.getMessage(), e);
    }
  }
}
