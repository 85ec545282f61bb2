// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.avro.Schema;
import org.jspecify.annotations.NullMarked;

/** The schemas of this build, from {@code src/main/avro}, and those of every release. */
@NullMarked
public final class SchemaFiles {

  /** Every release, oldest first; each has its schemas in {@code src/released/<release>}. */
  public static final List<String> RELEASES = List.of("0.1.0");

  private SchemaFiles() {}

  /** The schema of this build. */
  public static Schema current(RecordType type) {
    return read("avro", type);
  }

  /** The schema of a release in {@link #RELEASES}. */
  public static Schema released(String release, RecordType type) {
    return read("released/" + release, type);
  }

  private static Schema read(String directory, RecordType type) {
    String name = directory + "/" + type.recordName() + ".avsc";
    try (InputStream in = SchemaFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("the build is broken: a schema is missing", e);
    }
  }
}
