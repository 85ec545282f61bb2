// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A real schema registry, Apicurio, as a child process, with its schemas in a file. It listens on
 * loopback. A registry that is started again on the same directory has the same schema ids.
 *
 * <p>The registry ends with this JVM, even if the JVM is killed: see {@link RegistryProcess}.
 */
public final class EmbeddedRegistry implements AutoCloseable {

  /** The system property with the directory of the unpacked server. */
  public static final String HOME_PROPERTY = "pabal.registry.home";

  /** The path of the root of the registry's API. */
  public static final String API = "/apis/ccompat/v7";

  private static final String RUNNER = "quarkus-run.jar";
  private static final long START_SECONDS_MAX = 120;
  private static final long POLL_MILLIS = 100;
  private static final long STOP_SECONDS_MAX = 10;

  private final Process process;
  private final int port;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();

  private EmbeddedRegistry(Process process, int port, Path logFile) {
    this.process = process;
    this.port = port;
    var _ =
        process
            .onExit()
            .thenAccept(
                exited ->
                    terminated.completeExceptionally(
                        new IllegalStateException(
                            "the schema registry ended with status %d, see %s"
                                .formatted(exited.exitValue(), logFile))));
  }

  /**
   * Starts a registry and returns when it answers. Blocks, for about two minutes at most.
   *
   * @param home the directory of the unpacked server
   * @param dataDirectory is created if it is missing
   * @param port the port on 127.0.0.1; 0: a free port
   * @throws IllegalStateException when the port is in use or the server does not start
   */
  public static EmbeddedRegistry start(Path home, Path dataDirectory, int port) {
    if (!isHome(home)) {
      throw new IllegalStateException(
          "schema registry: no server in %s (expected: the unpacked Apicurio with %s). Fetch it with: mvn -pl embedded dependency:unpack@registry"
              .formatted(home, RUNNER));
    }
    Path directory = dataDirectory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(directory);
      int serverPort = FreePort.choose("Schema registry", port);
      Path logFile = directory.resolve("registry.log");
      Process process =
          new ProcessBuilder(command(home, directory, serverPort))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
              .start();
      EmbeddedRegistry registry = new EmbeddedRegistry(process, serverPort, logFile);
      registry.awaitReady(logFile);
      return registry;
    } catch (IOException e) {
      throw new IllegalStateException("schema registry did not start: " + e.getMessage(), e);
    }
  }

  /** Whether the server was unpacked into {@code home}. */
  public static boolean isHome(Path home) {
    return Files.isRegularFile(home.resolve(RUNNER));
  }

  /** The root of the registry's API, in the form that Confluent's clients expect. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port + API);
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The process id of the server. */
  public long pid() {
    return process.pid();
  }

  /** Completes when the server is closed; completes exceptionally when it ends by itself. */
  public CompletionStage<Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  /** Stops the server. Blocks, for at most 10 s. */
  @Override
  public void close() {
    terminated.complete(null);
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> command(Path home, Path directory, int port) {
    List<String> command = new ArrayList<>();
    // As with Redis, a Ctrl-C on the terminal must not reach the child: it gets its own group.
    RedisBinary.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dquarkus.http.host=127.0.0.1",
            "-Dquarkus.http.port=" + port,
            "-Dquarkus.management.host=127.0.0.1",
            "-Dquarkus.management.port=0",
            "-Dapicurio.datasource.url=jdbc:h2:file:" + directory.resolve("schemas")));
    command.addAll(RegistryProcess.arguments(home.resolve(RUNNER)));
    return command;
  }

  private void awaitReady(Path logFile) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri() + "/subjects"))
            .timeout(Duration.ofSeconds(5))
            .build();
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (System.nanoTime() < deadlineNanos
          && !process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (answers(http, request)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    throw new IOException("it did not answer on port " + port + ", see " + logFile);
  }

  private static boolean answers(HttpClient http, HttpRequest request) throws InterruptedException {
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
