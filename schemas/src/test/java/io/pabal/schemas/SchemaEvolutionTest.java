// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A schema may change only in ways that every release can live with, in both directions. */
class SchemaEvolutionTest {

  private static final Path RELEASED = Path.of("src", "released");

  @ParameterizedTest
  @EnumSource
  void shouldReadWhatEveryReleaseWrote(RecordType type) {
    for (String release : SchemaFiles.RELEASES) {
      Schema released = SchemaFiles.released(release, type);

      assertCompatible("BACKWARD to " + release, SchemaFiles.current(type), released);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldBeReadableByEveryRelease(RecordType type) {
    for (String release : SchemaFiles.RELEASES) {
      Schema released = SchemaFiles.released(release, type);

      assertCompatible("FORWARD to " + release, released, SchemaFiles.current(type));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldExplainEveryRecordAndField(RecordType type) {
    List<String> unexplained = new ArrayList<>();

    collectUnexplained(SchemaFiles.current(type), unexplained);

    assertThat(unexplained).as("without a doc in " + type.recordName() + ".avsc").isEmpty();
  }

  @Test
  void shouldKnowEveryReleasedFile() throws IOException {
    assertThat(names(RELEASED)).containsExactlyElementsOf(SchemaFiles.RELEASES);
    for (String release : SchemaFiles.RELEASES) {
      assertThat(names(RELEASED.resolve(release)))
          .as("every schema of release " + release)
          .containsExactlyElementsOf(
              Arrays.stream(RecordType.values())
                  .map(type -> type.recordName() + ".avsc")
                  .sorted()
                  .toList());
    }
  }

  @Test
  void shouldHaveATypeForEverySchema() throws IOException {
    assertThat(names(Path.of("src", "main", "avro"))).hasSameSizeAs(RecordType.values());
    assertThatCode(() -> FixedSchemas.INSTANCE.get(SchemaIds.fixed(Message.getClassSchema())))
        .doesNotThrowAnyException();
  }

  private static void assertCompatible(String direction, Schema reader, Schema writer) {
    var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    assertThat(result.getCompatibility())
        .as("%s: %s %s", reader.getName(), direction, result.getIncompatibilities())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  private static void collectUnexplained(Schema schema, List<String> into) {
    switch (schema.getType()) {
      case RECORD -> {
        collectIf(schema.getDoc(), schema.getName(), into);
        for (Schema.Field field : schema.getFields()) {
          collectIf(field.doc(), schema.getName() + "." + field.name(), into);
          collectUnexplained(field.schema(), into);
        }
      }
      case ENUM -> collectIf(schema.getDoc(), schema.getName(), into);
      case ARRAY -> collectUnexplained(schema.getElementType(), into);
      case UNION -> schema.getTypes().forEach(each -> collectUnexplained(each, into));
      default -> {}
    }
  }

  private static void collectIf(@Nullable String doc, String name, List<String> into) {
    if (doc == null || doc.isBlank()) {
      into.add(name);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }
}
