// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tail;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/** The fields of an Avro record as values for JSON. */
final class AvroFields {

  private AvroFields() {}

  /**
   * The fields in the order of the schema. A field of bytes becomes text under the field's name
   * when the bytes are UTF-8. Otherwise the field becomes Base64, and {@code Base64} is appended to
   * the name.
   */
  static Map<String, @Nullable Object> of(IndexedRecord record) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value instanceof ByteBuffer bytes) {
        putBytes(fields, field.name(), Payload.copy(bytes));
      } else {
        fields.put(field.name(), plain(value));
      }
    }
    return fields;
  }

  /** Puts bytes as text when they are UTF-8, and otherwise as Base64. */
  static void putBytes(Map<String, @Nullable Object> fields, String name, byte[] bytes) {
    Payload.text(bytes)
        .ifPresentOrElse(
            text -> fields.put(name, text),
            () -> fields.put(name + "Base64", Base64.getEncoder().encodeToString(bytes)));
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case IndexedRecord nested -> of(nested);
      case Collection<?> items -> items.stream().map(AvroFields::plain).toList();
      case Number number -> number;
      case Boolean bool -> bool;
      case Instant instant -> instant;
      default -> value.toString();
    };
  }
}
