// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

  @TempDir Path directory;

  @Test
  void shouldKeepWhatIsThere() throws IOException {
    Path data = directory.resolve("data");
    try (DataDirectory first = DataDirectory.open(data)) {
      Files.writeString(first.log(), "kept");
    }

    try (DataDirectory second = DataDirectory.open(data)) {
      assertThat(second.log()).hasContent("kept");
    }
  }

  @Test
  void shouldClearEverythingButItsMarkerAndWhatLinksLeadTo() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("precious"), "");
    try (DataDirectory data = DataDirectory.open(directory.resolve("data"))) {
      Files.createDirectories(data.kafka().resolve("messages-0"));
      Files.writeString(data.kafka().resolve("messages-0/0.log"), "");
      Files.createSymbolicLink(data.redis(), outside);

      data.clear();

      assertThat(directory.resolve("data"))
          .isDirectoryNotContaining(file -> !file.endsWith(DataDirectory.MARKER));
      assertThat(directory.resolve("data").resolve(DataDirectory.MARKER)).exists();
    }
    assertThat(outside.resolve("precious")).exists();
  }
}
