// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records which process started the redis-server of a data directory.
 *
 * <p>A process that is killed leaves its redis-server behind. So the pids of both processes are
 * written to a file, and the next start ends a server that was left behind. Because pids are
 * reused, the process with the recorded pid is ended only if its command line is that of a
 * redis-server with this directory's configuration file, and if the process that started the server
 * is no longer its parent.
 */
final class RedisOwnership {

  private static final Logger log = LoggerFactory.getLogger(RedisOwnership.class);
  private static final long STOP_TIMEOUT_SECONDS = 10;

  private final Path pidFile;
  private final Path configFile;

  RedisOwnership(Path directory, Path configFile) {
    this.pidFile = directory.resolve("redis.pid");
    this.configFile = configFile;
  }

  /** Writes to the pid file that this process started the server {@code pid}. */
  void record(long pid) throws IOException {
    Files.writeString(pidFile, pid + " " + ProcessHandle.current().pid() + "\n");
  }

  void deletePidFile() throws IOException {
    Files.deleteIfExists(pidFile);
  }

  /**
   * Ends the server that was left behind on this directory, if there is one.
   *
   * @throws IOException when the process that started the server still runs, or the server does not
   *     end
   */
  void endOrphan() throws IOException {
    if (!Files.exists(pidFile)) {
      return;
    }
    String[] pids = Files.readString(pidFile).strip().split(" ", -1);
    Optional<ProcessHandle> server =
        pids.length == 2 ? ProcessHandle.of(parse(pids[0])) : Optional.empty();
    if (server.isPresent() && isOurs(server.get())) {
      if (hasParent(server.get(), parse(pids[1]))) {
        throw new IOException(
            "%s is in use by process %s. Stop that one first."
                .formatted(pidFile.getParent(), pids[1]));
      }
      log.warn(
          "redis-server left behind, ending it pid={} config={}", server.get().pid(), configFile);
      end(server.get());
    }
    deletePidFile();
  }

  /**
   * Whether the server {@code pid} was left behind; empty when it is not this directory's server.
   */
  Optional<Boolean> isLeftBehind(long pid) throws IOException {
    String[] pids =
        Files.exists(pidFile)
            ? Files.readString(pidFile).strip().split(" ", -1)
            : new String[] {"", ""};
    if (pids.length != 2 || parse(pids[0]) != pid) {
      return Optional.empty();
    }
    return ProcessHandle.of(pid).map(server -> !hasParent(server, parse(pids[1])));
  }

  private static boolean hasParent(ProcessHandle server, long pid) {
    return server.parent().filter(parent -> parent.pid() == pid).isPresent();
  }

  /**
   * Ends {@code server}: with SIGTERM, or with SIGKILL if it still runs 10 s later. Blocks, for at
   * most 20 s.
   */
  static void end(ProcessHandle server) throws IOException {
    server.destroy();
    if (!awaitExit(server)) {
      log.warn("redis-server does not stop, killing it pid={}", server.pid());
      server.destroyForcibly();
      if (!awaitExit(server)) {
        throw new IOException("redis-server " + server.pid() + " cannot be killed");
      }
    }
  }

  private static boolean awaitExit(ProcessHandle server) {
    try {
      server.onExit().get(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return !server.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !server.isAlive();
    }
  }

  private boolean isOurs(ProcessHandle process) throws IOException {
    String commandLine = commandLine(process);
    return commandLine.contains(RedisBinary.NAME) && commandLine.contains(configFile.toString());
  }

  /**
   * The command line. Read from {@code /proc} if possible: a redis-server overwrites its command
   * line, and then {@link ProcessHandle.Info} cannot read it on Linux.
   */
  private static String commandLine(ProcessHandle process) throws IOException {
    Path proc = Path.of("/proc/%d/cmdline".formatted(process.pid()));
    if (Files.isReadable(proc)) {
      return Files.readString(proc).replace('\0', ' ');
    }
    return process.info().commandLine().orElse("");
  }

  private static long parse(String pid) {
    try {
      return Long.parseLong(pid);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
