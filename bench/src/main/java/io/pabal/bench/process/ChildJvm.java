// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A {@code pabal} command in a process of its own, with this JVM's class path. It ends with this
 * JVM, even when this JVM is killed: it watches the process that {@code pabal.parent} names.
 */
public final class ChildJvm implements AutoCloseable {

  private static final long END_TIMEOUT_SECONDS = 40;

  /** The command's own configuration, also in tests: callers wait for lines of its log. */
  private static final String LOGGING = "-Dlogback.configurationFile=logback.xml";

  private final Process process;
  private final Path log;
  private final Thread exitHook;

  private ChildJvm(Process process, Path log) {
    this.process = process;
    this.log = log;
    exitHook = new Thread(() -> kill(process), "child-exit");
    Runtime.getRuntime().addShutdownHook(exitHook);
  }

  /**
   * Starts a process.
   *
   * @param log takes its output, anew
   * @param heap as of {@code -Xmx}
   */
  public static ChildJvm start(String mainClass, Path log, String heap, List<String> arguments)
      throws IOException {
    return start(mainClass, log, heap, List.of(), arguments);
  }

  /**
   * Starts a process.
   *
   * @param log takes its output, anew
   * @param heap as of {@code -Xmx}
   * @param options further ones, for the JVM
   */
  public static ChildJvm start(
      String mainClass, Path log, String heap, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "-Xmx" + heap,
            "-Dpabal.parent=" + ProcessHandle.current().pid(),
            LOGGING,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            mainClass));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new ChildJvm(process, log);
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** The CPU time that it has used so far, of all its threads. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** The process and its descendants. */
  public Stream<ProcessHandle> processes() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants());
  }

  /** What it has written so far. */
  public String output() throws IOException {
    return Files.readString(log);
  }

  /** The last lines of its output so far, which say why it has ended; empty without output. */
  public String lastLines() throws IOException {
    List<String> lines = output().lines().toList();
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  /** Whether it has said that it is ready. */
  public boolean isReady() throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "a child process ended with status %d: %s (all of it: %s)"
              .formatted(process.exitValue(), lastLines(), log));
    }
    return output().contains(" is ready");
  }

  /** Ends it by SIGTERM, and returns at once. */
  public void terminate() {
    process.destroy();
  }

  /** Ends it, and what it has started, by SIGKILL, and returns at once. */
  public void kill() {
    kill(process);
  }

  /** Waits for its end. */
  public void awaitEnd() throws InterruptedException {
    if (!process.waitFor(END_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a child process does not end, see " + log);
    }
    forgetExitHook();
  }

  /** Waits for an end that may take long, and returns its exit status. */
  public int awaitExit() throws InterruptedException {
    return process.waitFor();
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    kill();
    forgetExitHook();
  }

  private static void kill(Process killed) {
    killed.descendants().forEach(ProcessHandle::destroyForcibly);
    killed.destroyForcibly();
  }

  private void forgetExitHook() {
    Runtime.getRuntime().removeShutdownHook(exitHook);
  }
}
