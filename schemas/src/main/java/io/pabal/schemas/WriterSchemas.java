// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.apache.avro.Schema;
import org.jspecify.annotations.NullMarked;

/** The schemas of records' writers, by schema id. Any thread. */
@NullMarked
public interface WriterSchemas {

  /**
   * The schema with this id. Never blocks.
   *
   * @throws MalformedRecordException when no schema has this id
   * @throws SchemaPendingException when the schema is being looked up
   */
  Schema get(int id);
}
