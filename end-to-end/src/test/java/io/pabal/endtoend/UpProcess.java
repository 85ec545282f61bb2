// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pabal.connector.fixture.Patience;
import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code ./pabal up} as a process of its own, as a user starts it. */
final class UpProcess implements AutoCloseable {

  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  final int port;
  final int kafkaPort;
  private final Process process;
  private final Path out;
  private final Path err;

  private UpProcess(Process process, int port, int kafkaPort, Path out, Path err) {
    this.process = process;
    this.port = port;
    this.kafkaPort = kafkaPort;
    this.out = out;
    this.err = err;
  }

  /** Skips the test where the command is not packaged, which {@code mvn verify} does before. */
  static void assumeBuilt() {
    assumeTrue(
        Files.isDirectory(PROJECT.resolve("command/target/lib")),
        "the command is not packaged: run mvn verify instead of mvn test");
  }

  /** Starts it on free ports and returns at once. */
  static UpProcess launch(Path directory, int port, String... more) throws IOException {
    Files.createDirectories(directory);
    int kafkaPort = FreePort.find();
    List<String> command =
        new ArrayList<>(
            List.of(
                PROJECT.resolve("pabal").toString(),
                "up",
                "--data",
                directory.resolve("data").toString(),
                "--port",
                Integer.toString(port),
                "--kafka-port",
                Integer.toString(kafkaPort),
                "--http-port",
                "0"));
    command.addAll(List.of(more));
    if (!command.contains("--redis-port")) {
      command.addAll(List.of("--redis-port", Integer.toString(FreePort.find())));
    }
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("PABAL_NO_BUILD", "1");
    builder
        .environment()
        .put("PABAL_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Dio.netty.leakDetection.level=paranoid");
    return new UpProcess(builder.start(), port, kafkaPort, out, err);
  }

  /** Starts it and waits until it says that it is ready; beside other tests it may need minutes. */
  static UpProcess start(Path directory, String... more) throws IOException {
    UpProcess up = launch(directory, FreePort.find(), more);
    await()
        .atMost(Patience.MAX.multipliedBy(3))
        .until(() -> !up.process.isAlive() || up.output().contains("Pabal is ready"));
    if (!up.process.isAlive()) {
      throw new IllegalStateException("pabal up ended:\n" + up.output() + up.errors());
    }
    return up;
  }

  String output() throws IOException {
    return Files.readString(out);
  }

  String errors() throws IOException {
    return Files.readString(err);
  }

  /** What it wrote to its log file. */
  String log() throws IOException {
    return Files.readString(out.resolveSibling("data").resolve("pabal.log"));
  }

  /** This process and those that it started. */
  List<ProcessHandle> processes() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    return all;
  }

  /** What Ctrl-C and a service manager do. */
  void terminate() {
    process.destroy();
  }

  /** Waits for the end and returns the exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(Patience.MAX.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("pabal up is still running");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    List<ProcessHandle> all = processes();
    process.destroy();
    try {
      if (process.waitFor(Patience.MAX.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
