// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.router.Router;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.RouterException;
import io.pabal.router.config.StoreKind;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryLockTest {

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  StateDirectoryLockTest() {}

  @Test
  void shouldSayInOneLineThatAnotherRouterHasTheDirectory() {
    var config =
        new RouterConfig(
            "127.0.0.1:1",
            TopicCatalogue.defaults(),
            (short) 1,
            RouterConfig.APPLICATION_ID_DEFAULT,
            1,
            directory,
            StoreKind.ROCKSDB,
            0,
            GroupProtocol.CLASSIC,
            Duration.ofSeconds(6));
    try (var _ = StateDirectoryLock.take(directory.resolve(config.applicationId()))) {
      assertThatThrownBy(() -> Router.start(config))
          .isInstanceOf(RouterException.class)
          .hasNoCause()
          .message()
          .startsWith("router.stateDirectory: " + directory)
          .contains(
              "in use by another router (process %d)".formatted(ProcessHandle.current().pid()))
          .contains("Give each router a directory of its own")
          .hasLineCount(1);
    }
  }

  @Test
  void shouldReleaseTheDirectoryWhenClosed() {
    StateDirectoryLock.take(directory).close();
    StateDirectoryLock.take(directory).close();
  }

  @Test
  void shouldSayThatADirectoryCannotBeWritten() {
    assertThatThrownBy(() -> StateDirectoryLock.take(Path.of("/dev/null/router")))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining("router.stateDirectory: /dev/null/router cannot be written");
  }
}
