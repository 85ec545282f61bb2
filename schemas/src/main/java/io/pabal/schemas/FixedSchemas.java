// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** The schemas with fixed ids: those of this build and of every earlier release. */
@NullMarked
public final class FixedSchemas implements WriterSchemas {

  /** The one instance. */
  public static final FixedSchemas INSTANCE = new FixedSchemas();

  private final Map<Integer, Schema> byId = new HashMap<>();

  private FixedSchemas() {
    for (RecordType type : RecordType.values()) {
      add(SchemaFiles.current(type));
      SchemaFiles.RELEASES.forEach(release -> add(SchemaFiles.released(release, type)));
    }
  }

  private void add(Schema schema) {
    Schema other = byId.putIfAbsent(SchemaIds.fixed(schema), schema);
    if (other != null && SchemaIds.differ(other, schema)) {
      throw new IllegalStateException(
          "schemas %s and %s have the same fixed id".formatted(other, schema));
    }
  }

  /** The schema with this id; null when there is none. */
  public @Nullable Schema find(int id) {
    return byId.get(id);
  }

  @Override
  public Schema get(int id) {
    Schema schema = find(id);
    if (schema == null) {
      throw new MalformedRecordException(
          SchemaIds.isFixed(id)
              ? "schema id " + id + " (expected: one of this release or an earlier one)"
              : "schema id "
                  + id
                  + " (expected: a fixed one; this one is of a registry, set schema.registry.url)");
    }
    return schema;
  }
}
