// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.NullMarked;

/**
 * The schema ids in the wire format while no schema registry is configured. An id is computed from
 * the schema, so a changed schema has another id and no id is reused.
 *
 * <p>All ids are {@value #FIRST} or higher. Registries count from 1, so a topic may hold records
 * from before and after a registry was configured.
 */
@NullMarked
public final class SchemaIds {

  /** The lowest fixed id: 2 to the power of 30. */
  public static final int FIRST = 1 << 30;

  private SchemaIds() {}

  /**
   * The id of {@code schema}: {@link #FIRST} and the lower 30 bits of the CRC-64-AVRO fingerprint
   * of its parsing canonical form, which leaves out docs, defaults and logical types.
   */
  public static int fixed(Schema schema) {
    return FIRST | ((int) SchemaNormalization.parsingFingerprint64(schema) & (FIRST - 1));
  }

  /** Whether {@code id} is a fixed id and not one of a registry. */
  public static boolean isFixed(int id) {
    return id >= FIRST;
  }

  static boolean differ(Schema one, Schema other) {
    return !SchemaNormalization.toParsingForm(one).equals(SchemaNormalization.toParsingForm(other));
  }
}
