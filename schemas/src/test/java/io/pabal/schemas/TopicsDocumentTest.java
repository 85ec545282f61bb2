// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TopicsDocumentTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "topics.md");

  @Test
  void shouldBeUpToDate() throws IOException {
    String generated = TopicsDocument.generate();

    if (Boolean.getBoolean("pabal.docs.write")) {
      Files.writeString(DOCUMENT, generated);
    }

    assertThat(DOCUMENT)
        .as("write it anew: mvn -pl schemas test -Dtest=TopicsDocumentTest -Dpabal.docs.write=true")
        .hasContent(generated);
  }
}
