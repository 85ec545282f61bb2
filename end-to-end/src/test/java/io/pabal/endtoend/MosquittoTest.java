// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pabal.connector.fixture.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pabal up} with mosquitto's commands, as the README shows them. */
class MosquittoTest {

  @TempDir Path directory;

  @BeforeEach
  void requireBuild() {
    UpProcess.assumeBuilt();
  }

  @Test
  void shouldServeMosquittoClientsOfBothVersions() throws Exception {
    assumeTrue(isInstalled(), "mosquitto_pub and mosquitto_sub are not installed: skipped");
    try (UpProcess up = UpProcess.start(directory)) {
      for (String version : List.of("mqttv311", "mqttv5")) {
        Subscription lobby = subscribe(up.port, version, "rooms/lobby", directory.resolve(version));
        // What mosquitto_sub prints is seen when it ends, so publish until it has one.
        await()
            .until(
                () -> {
                  assertThat(
                          run(
                              "mosquitto_pub",
                              up.port,
                              version,
                              "-t",
                              "rooms/lobby",
                              "-q",
                              "1",
                              "-m",
                              "hi"))
                      .isZero();
                  return !lobby.process().isAlive();
                });
        assertThat(Files.readString(lobby.out())).isEqualTo("hi\n");
      }
      assertThat(up.log()).doesNotContain("LEAK:");
    }
  }

  private static boolean isInstalled() {
    return List.of(System.getenv("PATH").split(":", -1)).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mosquitto_sub")));
  }

  private static int run(String program, int port, String version, String... more)
      throws Exception {
    Process process = builder(program, port, version, more).inheritIO().start();
    assertThat(process.waitFor(Patience.MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static Subscription subscribe(int port, String version, String topic, Path out)
      throws Exception {
    return new Subscription(
        builder("mosquitto_sub", port, version, "-C", "1", "-t", topic)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start(),
        out);
  }

  private static ProcessBuilder builder(String program, int port, String version, String... more) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(program, "-p", Integer.toString(port), "-V", version));
    command.addAll(List.of(more));
    return new ProcessBuilder(command);
  }

  private record Subscription(Process process, Path out) {}
}
