// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.awaitility.Awaitility.await;

import io.pabal.connector.fixture.Patience;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRegistry;
import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Roles started by the entry point of the {@code Dockerfile} from nothing but the files that it
 * copies, as a user who is not root, with the environment of the image and {@code PABAL_}
 * variables. Kafka, Redis and the schema registry are embedded.
 */
final class ProcessPipeline implements DeployedPipeline {

  private static final int CONNECTORS = 2;
  private static final String USER = "10001";
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
  private static final long STOP_SECONDS = Patience.MAX.toSeconds();

  private final Path directory;
  private final RunStage stage;
  private final EmbeddedKafka kafka;
  private final TestRedis redis;
  private final EmbeddedRegistry registry;
  private final List<Integer> ports = new ArrayList<>();
  private final Map<String, Process> running = new HashMap<>();

  private ProcessPipeline(Path directory) throws IOException {
    this.directory = directory;
    // JUnit's directory is its owner's only.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    stage = RunStage.unpack(Path.of("..").toAbsolutePath().normalize(), directory.resolve("image"));
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    redis = TestRedis.start(directory.resolve("redis"));
    registry = EmbeddedRegistry.start(RegistryApi.home(), directory.resolve("registry"), 0);
    for (int i = 1; i <= CONNECTORS; i++) {
      ports.add(FreePort.find());
    }
  }

  static ProcessPipeline start(Path directory) throws IOException {
    ProcessPipeline pipeline = new ProcessPipeline(directory);
    try {
      pipeline.launch("router", "router", Map.of());
      pipeline.launch("timeline", "timeline", Map.of());
      for (int i = 1; i <= CONNECTORS; i++) {
        pipeline.launchConnector(i);
      }
      pipeline.running.keySet().forEach(pipeline::awaitReady);
      return pipeline;
    } catch (Throwable e) {
      pipeline.close();
      throw e;
    }
  }

  @Override
  public int port(int connector) {
    return ports.get(connector - 1);
  }

  @Override
  public void killConnector(int connector) throws InterruptedException {
    process("c" + connector).destroyForcibly().waitFor();
  }

  @Override
  public void startConnector(int connector) throws IOException {
    launchConnector(connector);
    awaitReady("c" + connector);
  }

  private void launchConnector(int number) throws IOException {
    launch(
        "c" + number,
        "connector",
        Map.of(
            "PABAL_CONNECTOR_ID",
            "c" + number,
            "PABAL_LISTENER_PORT",
            Integer.toString(port(number))));
  }

  private void launch(String name, String role, Map<String, String> variables) throws IOException {
    List<String> command = new ArrayList<>();
    Path home = Files.createDirectories(directory.resolve(name));
    if (ROOT) {
      command.addAll(
          List.of("setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--no-new-privs"));
      Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    command.addAll(stage.entryPoint());
    command.add(role);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectOutput(out(name).toFile())
            .redirectError(directory.resolve(name + ".err").toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put(
        "PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/local/bin:/usr/bin:/bin");
    environment.putAll(stage.environment());
    environment.merge(
        "JDK_JAVA_OPTIONS",
        "-Xmx256m -XX:TieredStopAtLevel=1",
        (image, more) -> image + " " + more);
    environment.put("PABAL_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    environment.put("PABAL_REDIS_URI", redis.uri().toString());
    environment.put("PABAL_SCHEMA_REGISTRY_URL", registry.uri().toString());
    environment.put("PABAL_HTTP_PORT", "0");
    environment.putAll(variables);
    running.put(name, builder.start());
  }

  private void awaitReady(String name) {
    Process process = process(name);
    await().until(() -> !process.isAlive() || Files.readString(out(name)).contains("is ready"));
    if (!process.isAlive()) {
      throw new IllegalStateException(name + " ended with " + process.exitValue() + log(name));
    }
  }

  private Process process(String name) {
    return Objects.requireNonNull(running.get(name));
  }

  private Path out(String name) {
    return directory.resolve(name + ".out");
  }

  private String log(String name) {
    try {
      return ":\n" + Files.readString(directory.resolve(name + ".err"));
    } catch (IOException e) {
      return ", and its log cannot be read: " + e.getMessage();
    }
  }

  /** Stops the roles in good order; each has to end with 0. */
  @Override
  public void close() {
    running.values().forEach(Process::destroy);
    List<String> problems = new ArrayList<>();
    running.forEach((name, process) -> end(name, process, problems));
    registry.close();
    redis.close();
    kafka.close();
    if (!problems.isEmpty()) {
      throw new IllegalStateException(String.join("\n", problems));
    }
  }

  private void end(String name, Process process, List<String> problems) {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        problems.add(name + " did not stop on SIGTERM" + log(name));
      } else if (process.exitValue() != 0) {
        problems.add(name + " ended with " + process.exitValue() + log(name));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
