// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.embedded.EmbeddedRegistry;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.registry.RegistryException;
import io.pabal.schemas.registry.SchemaRegistry;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a role says to a real registry that does not have, or does not want, its schemas. */
class RegistryRefusalTest {

  private static final String OTHER_UNROUTED =
      """
      {"type": "record", "name": "Unrouted", "namespace": "io.pabal.schemas",
       "fields": [{"name": "reference", "type": "string"}]}
      """;

  @TempDir Path directory;

  @Test
  void shouldNotStartOnSchemasThatAreMissingOrIncompatible() throws Exception {
    Path home = RegistryApi.home();
    try (var registry = EmbeddedRegistry.start(home, directory, 0)) {
      assertThatThrownBy(() -> connect(registry.uri(), false))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("subject messages-value")
          .hasMessageContaining("does not have the schema Message");

      var api = new RegistryApi(registry.uri());
      api.register("unrouted-value", OTHER_UNROUTED);
      api.put("/config/unrouted-value", "{\"compatibility\":\"FULL\"}");

      assertThatThrownBy(() -> connect(registry.uri(), true))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("subject unrouted-value")
          .hasMessageContaining("Incompatible");
    }

    // What was registered before the refusal is there after a restart.
    try (var registry = EmbeddedRegistry.start(home, directory, 0)) {
      assertThatThrownBy(() -> connect(registry.uri(), false))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("subject unrouted-value")
          .hasMessageContaining("does not have the schema Unrouted");
      assertThat(new RegistryApi(registry.uri()).get("/subjects")).contains("messages-value");
    }
  }

  private static void connect(URI url, boolean autoRegister) {
    SchemaRegistry.connect(new RegistryConfig(url, autoRegister, null)).close();
  }
}
