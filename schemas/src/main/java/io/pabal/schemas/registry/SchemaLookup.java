// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * One lookup of the schema of an id, with all schemas that it refers to. Each reference names a
 * subject and a version; the schema of this version is parsed first, and may have references of its
 * own. For one thread.
 *
 * <p>Bounds: a chain of {@value #DEPTH_MAX} references, {@value #REFERENCES_MAX} references in all,
 * {@value #SECONDS_MAX} s. A schema beyond these bounds counts as not answered.
 */
final class SchemaLookup {

  private static final int DEPTH_MAX = 16;
  private static final int REFERENCES_MAX = 100;
  private static final int SECONDS_MAX = 30;
  private static final String AVRO = "AVRO";

  /** One version of a subject, which identifies a schema. */
  private record Version(String subject, int version) {}

  private final RegistryClient client;
  private final Schema.Parser parser = new Schema.Parser();
  private final Set<Version> seen = new HashSet<>();
  private final long begunNanos = System.nanoTime();

  SchemaLookup(RegistryClient client) {
    this.client = client;
  }

  /**
   * The schema in the registry's answer to the query for an id. Blocks while it queries references.
   *
   * @throws ForeignSchemaException when the registry declares that it is not an Avro schema
   * @throws RegistryException when the schema, or one that it refers to, cannot be read now
   */
  Schema parse(JsonNode answer) {
    return parse(answer, 0);
  }

  private Schema parse(JsonNode answer, int depth) {
    JsonNode kind = answer.path("schemaType");
    if (kind.isTextual() && !kind.asText().equalsIgnoreCase(AVRO)) {
      throw new ForeignSchemaException(kind.asText());
    }
    JsonNode text = answer.path("schema");
    if (!text.isTextual()) {
      throw new RegistryException("the answer has no text in `schema`");
    }
    for (JsonNode reference : answer.path("references")) {
      resolve(reference, depth + 1);
    }
    try {
      return parser.parse(text.asText());
    } catch (AvroRuntimeException e) {
      throw new RegistryException("its schema cannot be parsed: " + e.getMessage(), e);
    }
  }

  private void resolve(JsonNode reference, int depth) {
    JsonNode subject = reference.path("subject");
    JsonNode version = reference.path("version");
    if (!subject.isTextual() || !version.isInt()) {
      throw new RegistryException("a reference without subject and version: " + reference);
    }
    var wanted = new Version(subject.asText(), version.intValue());
    if (!seen.add(wanted)) {
      return;
    }
    if (depth > DEPTH_MAX || seen.size() > REFERENCES_MAX) {
      throw new RegistryException(
          "its references go %d deep and are %d (expected: at most %d and %d)"
              .formatted(depth, seen.size(), DEPTH_MAX, REFERENCES_MAX));
    }
    if (System.nanoTime() - begunNanos > TimeUnit.SECONDS.toNanos(SECONDS_MAX)) {
      throw new RegistryException("its references were not answered within " + SECONDS_MAX + " s");
    }
    parse(client.version(wanted.subject, wanted.version), depth);
  }
}
