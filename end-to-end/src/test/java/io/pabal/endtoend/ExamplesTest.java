// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pabal.connector.fixture.Patience;
import io.pabal.embedded.EmbeddedRegistry;
import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of docs/analytics.md, clients in another language, against {@code pabal up
 * --registry}.
 */
class ExamplesTest {

  private static final Path EXAMPLES = Path.of("..", "examples").toAbsolutePath().normalize();

  @TempDir static Path directory;

  private static UpProcess up;
  private static int registryPort;

  @BeforeAll
  static void start() throws Exception {
    UpProcess.assumeBuilt();
    assumeTrue(isInstalled("node"), "node is not installed: the examples are not tried");
    assumeTrue(isInstalled("npm"), "npm is not installed: the examples are not tried");
    assumeTrue(
        run("npm-ci", List.of("npm", "ci", "--no-audit", "--no-fund")) == 0,
        () -> "npm ci failed, the examples are not tried: " + read("npm-ci"));
    registryPort = FreePort.find();
    up =
        UpProcess.start(directory, "--registry", "--registry-port", Integer.toString(registryPort));
    var publisher = Clients.connect(up.port, "ann");
    // At once, so that they hardly ever fall into two minutes.
    List<CompletableFuture<?>> published = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      published.add(Clients.publish(publisher, "rooms/lobby", "hello " + i));
    }
    published.add(Clients.publish(publisher, "rooms/kitchen", "tea?"));
    published.add(Clients.publish(publisher, "users/bob", "psst"));
    Clients.await(CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)));
    Clients.await(publisher.disconnect());
  }

  @AfterAll
  static void stop() {
    if (up != null) {
      up.close();
    }
  }

  @Test
  void shouldPassTheirOwnTests() throws Exception {
    assertThat(run("test", List.of("npm", "test"))).as(read("test")).isZero();
  }

  @Test
  void shouldCountMessagesPerRoomAndMinute() throws Exception {
    Process counting = launch("rooms", List.of("node", "rooms-per-minute.mjs"));
    try {
      await()
          .untilAsserted(
              () ->
                  assertThat(read("rooms").lines())
                      .anyMatch(line -> line.endsWith("rooms/lobby  3"))
                      .anyMatch(line -> line.endsWith("rooms/kitchen  1"))
                      .noneMatch(line -> line.contains("users/bob")));
    } finally {
      counting.destroy();
      assertThat(counting.waitFor(Patience.MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void shouldQueryMessagesWithSql() throws Exception {
    String query =
        "select payload from messages where address = 'rooms/lobby' order by publishedAt, payload";

    assertThat(run("sql", List.of("node", "messages-sql.mjs", query))).as(read("sql")).isZero();

    assertThat(read("sql")).containsSubsequence("hello 0", "hello 1", "hello 2");
  }

  @Test
  void shouldTellConcurrentSessionsFromTheTopicOfSessions() throws Exception {
    await()
        .untilAsserted(
            () -> {
              assertThat(run("sessions", List.of("node", "sessions-per-minute.mjs"))).isZero();
              assertThat(read("sessions")).containsPattern("│ 0 +│ 1 +│ 0 +│ 1 +│ \\d");
            });
  }

  private static boolean isInstalled(String program) {
    try {
      return run(program, List.of(program, "--version")) == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int run(String name, List<String> command)
      throws IOException, InterruptedException {
    Process process = launch(name, command);
    if (!process.waitFor(3, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException(name + " does not end:\n" + read(name));
    }
    return process.exitValue();
  }

  private static Process launch(String name, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command))
            .directory(EXAMPLES.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name).toFile());
    if (up != null) {
      builder.environment().put("KAFKA", "127.0.0.1:" + up.kafkaPort);
      builder
          .environment()
          .put("REGISTRY", "http://127.0.0.1:" + registryPort + EmbeddedRegistry.API);
    }
    return builder.start();
  }

  private static String read(String name) {
    try {
      return Files.readString(directory.resolve(name));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
