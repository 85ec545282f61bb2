// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.apache.avro.Schema;
import org.jspecify.annotations.NullMarked;

/** The schemas that records were written with, by the id in front of each. Any thread. */
@NullMarked
public interface WriterSchemas {

  /**
   * The schema with this id. Never blocks.
   *
   * @throws MalformedRecordException when there is none
   * @throws SchemaPendingException when it is being looked up
   */
  Schema get(int id);
}
