// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real redis-server as a child process, with its append-only file on disk. It listens on
 * loopback. A server that is started again on the same directory has the same keys.
 *
 * <p>The server ends with this JVM, even if it is not closed. If the JVM is killed and the system
 * has {@code setpriv} (Linux), the server ends too and keeps all its data, as after {@link #close}.
 * On other systems, a killed JVM leaves its server behind until the next start on the directory.
 *
 * <p>If the system has {@code setsid}, the child gets a process group of its own. Otherwise a
 * Ctrl-C on the terminal would also end Redis, because the signal goes to the whole foreground
 * group, and Redis would end before the processes that still have to write to it.
 */
public final class EmbeddedRedis implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EmbeddedRedis.class);

  private final Process process;
  private final int port;
  private final RedisOwnership ownership;
  private final Thread exitHook;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();

  private EmbeddedRedis(Process process, int port, Path logFile, RedisOwnership ownership) {
    this.process = process;
    this.port = port;
    this.ownership = ownership;
    this.exitHook = new Thread(process::destroy, "redis-exit");
    Runtime.getRuntime().addShutdownHook(exitHook);
    var _ =
        process
            .onExit()
            .thenAccept(
                exited ->
                    terminated.completeExceptionally(
                        new IllegalStateException(
                            "redis-server ended with status %d, see %s"
                                .formatted(exited.exitValue(), logFile))));
  }

  /**
   * Starts a server and returns when it answers. Blocks. If a killed process left a server behind
   * on this directory, that server is ended first.
   *
   * @param dataDirectory is created if it is missing
   * @param port the port on 127.0.0.1; 0: a free port
   * @throws IllegalStateException when the port is in use or Redis does not start
   */
  public static EmbeddedRedis start(Path dataDirectory, int port) {
    return start(dataDirectory, port, List.of());
  }

  /**
   * Starts a server as {@link #start(Path, int)} does, with further settings.
   *
   * @param settings lines of Redis' configuration file
   */
  public static EmbeddedRedis start(Path dataDirectory, int port, List<String> settings) {
    return start(dataDirectory, port, settings, dataDirectory);
  }

  /**
   * Starts a server as {@link #start(Path, int, List)} does, with a program that servers share.
   *
   * @param programDirectory the directory into which the redis-server program is unpacked
   */
  public static EmbeddedRedis start(
      Path dataDirectory, int port, List<String> settings, Path programDirectory) {
    Path directory = dataDirectory.toAbsolutePath().normalize();
    Path config = config(directory);
    RedisOwnership ownership = new RedisOwnership(directory, config);
    try {
      Files.createDirectories(directory);
      ownership.endOrphan();
      int serverPort = FreePort.choose("Redis", port);
      Path logFile = directory.resolve("redis.log");
      Files.writeString(
          config,
          RedisSettings.of(directory, logFile, serverPort) + String.join("\n", settings) + "\n");
      Process process =
          launch(RedisBinary.find(programDirectory.toAbsolutePath().normalize()), config, logFile);
      ownership.record(process.pid());
      EmbeddedRedis redis = new EmbeddedRedis(process, serverPort, logFile, ownership);
      redis.awaitReady(logFile);
      return redis;
    } catch (IOException e) {
      throw new IllegalStateException("Redis did not start: " + e.getMessage(), e);
    }
  }

  /**
   * Ends the server that a killed process left behind on {@code dataDirectory}, if there is one, so
   * that its port is free. Blocks, for at most 20 s.
   *
   * @throws IOException when another process uses the directory, or the server does not end
   */
  public static void endLeftBehind(Path dataDirectory) throws IOException {
    Path directory = dataDirectory.toAbsolutePath().normalize();
    new RedisOwnership(directory, config(directory)).endOrphan();
  }

  /**
   * The server that {@code pabal up} started and that listens on a port of 127.0.0.1; a killed
   * process may have left it behind. Empty when another program listens there, or none. Blocks, for
   * at most some seconds.
   */
  public static Optional<RunningRedis> runningOn(int port) {
    return RunningRedis.on(port);
  }

  /** The server's URI for clients, {@code redis://127.0.0.1:port}. */
  public URI uri() {
    return URI.create("redis://127.0.0.1:" + port);
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

  /** Kills the server with SIGKILL. Blocks until the server has ended. */
  public void kill() {
    terminated.complete(null);
    removeExitHook();
    process.destroyForcibly().onExit().join();
  }

  /** Stops the server, which first writes all its data to disk. Blocks, for at most 20 s. */
  @Override
  public void close() {
    terminated.complete(null);
    removeExitHook();
    try {
      RedisOwnership.end(process.toHandle());
      ownership.deletePidFile();
    } catch (IOException e) {
      log.warn("redis not stopped cleanly port={} reason={}", port, e.getMessage());
    }
  }

  private void removeExitHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      log.debug("the JVM is ending already", e);
    }
  }

  static Path config(Path directory) {
    return directory.resolve("redis.conf");
  }

  private static Process launch(Path binary, Path config, Path logFile) throws IOException {
    List<String> command = new ArrayList<>(ParentDeath.commandPrefix());
    RedisBinary.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    command.add(binary.toString());
    command.add(config.toString());
    return ParentDeath.start(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile())));
  }

  private void awaitReady(Path logFile) throws IOException {
    if (!RedisPing.awaitPong(port, process)) {
      close();
      throw new IOException("redis-server did not answer on port " + port + ", see " + logFile);
    }
  }
}
