// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.HistoryWriter;
import io.pabal.chaos.plan.ProcessKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One part as a child process. If the process ends by itself, it is started again, as a service
 * manager does. Safe for use by many threads, but the caller must inject only one fault at a time.
 *
 * <p>Each start of the process writes to a log file of its own.
 */
final class PartProcess implements Part {

  private static final Logger log = LoggerFactory.getLogger(PartProcess.class);
  private static final String READY = " is ready";
  private static final long RESTART_DELAY_MILLIS = 1_000;
  private static final long STOP_TIMEOUT_SECONDS = 40;

  private final ProcessKind part;
  private final List<String> command;
  private final Path logs;
  private final HistoryWriter history;
  private @Nullable Process process;
  private Path logFile;
  private int starts;
  private boolean wanted;
  private boolean reportedReady;
  private volatile boolean paused;

  PartProcess(ProcessKind part, List<String> command, Path logs, HistoryWriter history) {
    this.part = part;
    this.command = command;
    this.logs = logs;
    this.history = history;
    this.logFile = logs;
  }

  /** Starts the process if it is not running; does not wait until the process is ready. */
  @Override
  public synchronized void start() {
    wanted = true;
    if (process != null && process.isAlive()) {
      return;
    }
    starts++;
    reportedReady = false;
    logFile = logs.resolve("%s-%d.log".formatted(part.label(), starts));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(logFile.toFile());
    removeConfiguration(builder.environment());
    try {
      Process started = builder.start();
      process = started;
      var _ = started.onExit().thenAccept(this::exited);
    } catch (IOException e) {
      throw new IllegalStateException(
          "%s cannot be started: %s".formatted(part.label(), e.getMessage()), e);
    }
  }

  /** Whether the process runs, has logged that it is ready, and is not paused. */
  @Override
  public synchronized boolean isReady() {
    if (process == null || !process.isAlive()) {
      return false;
    }
    if (!reportedReady) {
      try {
        reportedReady = Files.readString(logFile).contains(READY);
      } catch (IOException e) {
        log.debug("not readable yet file={}", logFile, e);
      }
    }
    return reportedReady && !paused;
  }

  /** Kills the process, and the server that it may have started. Blocks until the process ended. */
  @Override
  public void kill() {
    Process killed = markUnwanted();
    if (killed != null) {
      kill(killed);
    }
  }

  /**
   * Sends SIGTERM to the process, and kills the process if it does not end in time. Blocks until
   * the process ended.
   */
  @Override
  public void stop() {
    Process stopped = markUnwanted();
    if (stopped == null) {
      return;
    }
    stopped.destroy();
    try {
      stopped.onExit().orTimeout(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    } catch (RuntimeException e) {
      log.warn("part does not stop, killing it part={}", part.label());
      kill(stopped);
    }
  }

  private static void kill(Process killed) {
    killed.descendants().forEach(ProcessHandle::destroyForcibly);
    killed.destroyForcibly().onExit().join();
  }

  @Override
  public void pause(long millis) throws IOException, InterruptedException {
    ProcessHandle server = server();
    if (server == null) {
      return;
    }
    paused = true;
    try {
      Part.pause(server.pid(), millis);
    } finally {
      paused = false;
    }
  }

  private synchronized @Nullable Process markUnwanted() {
    wanted = false;
    return process;
  }

  /** The process that does the part's work; for Redis, a child of the part's JVM. */
  private synchronized @Nullable ProcessHandle server() {
    if (process == null || !process.isAlive()) {
      return null;
    }
    return part == ProcessKind.REDIS
        ? process.children().findFirst().orElse(null)
        : process.toHandle();
  }

  private void exited(Process exited) {
    synchronized (this) {
      if (!wanted || !exited.equals(process)) {
        return;
      }
    }
    log.warn(
        "part ended by itself part={} status={} log={}", part.label(), exited.exitValue(), logFile);
    history.record(at -> new Event.PartExited(at, part, exited.exitValue()));
    CompletableFuture.delayedExecutor(RESTART_DELAY_MILLIS, TimeUnit.MILLISECONDS)
        .execute(this::startIfWanted);
  }

  private synchronized void startIfWanted() {
    if (wanted) {
      start();
    }
  }

  /** Removes the environment variables that would override the configuration file. */
  private static void removeConfiguration(Map<String, String> environment) {
    environment.keySet().removeIf(name -> name.startsWith("PABAL_"));
  }
}
