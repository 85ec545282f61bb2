// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.embedded.GroupSettings;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.RouterException;
import io.pabal.router.config.StoreKind;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTimeoutTest {

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  SessionTimeoutTest() {}

  @ParameterizedTest
  @ValueSource(longs = {999, 60_001})
  void shouldRefuseValueOutOfBounds(long millis) {
    RouterConfig config = RouterConfig.defaults("nowhere:9092", directory);

    assertThatThrownBy(() -> config.withSessionTimeout(Duration.ofMillis(millis)))
        .hasMessage("router.sessionTimeoutMillis: " + millis + " (expected: 1000-60000)");
  }

  @Test
  void shouldStartWithDefaultsOnBrokersWithDefaults() throws Exception {
    try (var cluster = new Cluster(directory, GroupSettings.STOCK);
        var router =
            Router.start(
                cluster
                    .config("r", StoreKind.IN_MEMORY, GroupProtocol.CLASSIC)
                    .withSessionTimeout(RouterConfig.SESSION_TIMEOUT_DEFAULT))) {
      assertThat(router.terminated().toCompletableFuture()).isNotDone();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CLASSIC, group.min.session.timeout.ms",
    "STREAMS, group.streams.min.session.timeout.ms"
  })
  void shouldSayWhatToDoWhenBrokersRefuse(GroupProtocol protocol, String setting) throws Exception {
    try (var cluster = new Cluster(directory, GroupSettings.STOCK)) {
      RouterConfig config = cluster.config("r", StoreKind.IN_MEMORY, protocol);

      assertThatThrownBy(() -> Router.start(config))
          .isInstanceOf(RouterException.class)
          .hasMessageContaining("router.sessionTimeoutMillis")
          .hasMessageContaining(setting)
          .hasMessageContaining("2000");
    }
  }
}
