// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

/** The registry has a schema for an id, and declares that it is not an Avro schema. */
final class ForeignSchemaException extends RuntimeException {

  ForeignSchemaException(String kind) {
    super("it is of the kind " + kind);
  }
}
