// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.endtoend.Clients.Subscriber;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pabal up} of which every process is killed at once. */
class KilledPipelineTest {

  @TempDir Path directory;

  @BeforeEach
  void requireBuild() {
    UpProcess.assumeBuilt();
  }

  @Test
  void shouldRecoverEverythingAcknowledgedAfterKill9() throws Exception {
    try (UpProcess up = UpProcess.start(directory)) {
      Subscriber subscriber = Clients.persistent(up.port, "bob", true);
      subscriber.subscribe("users/bob");
      subscriber.disconnect();
      var publisher = Clients.connect(up.port, "publisher");
      for (int i = 0; i < 100; i++) {
        Clients.await(Clients.publish(publisher, "users/bob", "m" + i));
      }

      up.processes().forEach(ProcessHandle::destroyForcibly);
      up.exitCode();
    }
    try (UpProcess again = UpProcess.start(directory)) {
      Subscriber subscriber = Clients.persistent(again.port, "bob", false);

      await().untilAsserted(() -> assertThat(subscriber.received).hasSizeGreaterThanOrEqualTo(100));
      assertThat(subscriber.received)
          .isEqualTo(IntStream.range(0, 100).mapToObj(i -> "m" + i).toList());
      subscriber.disconnect();
    }
  }
}
