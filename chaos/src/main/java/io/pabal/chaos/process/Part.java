// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * One part of the pipeline, which faults hit. Safe for use by many threads, but the caller must
 * inject only one fault at a time.
 */
interface Part {

  /** How often {@link #awaitReady} asks. */
  long POLL_MILLIS = 100;

  /** Starts the part if it is not running. */
  void start() throws IOException;

  /** Kills the part with SIGKILL. Blocks until it ended. */
  void kill() throws IOException, InterruptedException;

  /** Sends SIGTERM to the part. Blocks until it ended. */
  void stop() throws IOException;

  /** Pauses the part. Blocks until it continues. */
  void pause(long millis) throws IOException, InterruptedException;

  /** Whether the part runs, has said that it is ready, and is not paused. */
  boolean isReady();

  /** Waits until {@link #isReady}. Returns false if the part is not ready in time. */
  default boolean awaitReady(long timeoutMillis) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    while (!isReady()) {
      if (System.nanoTime() > deadlineNanos) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  /**
   * Pauses a process. Blocks until the process continues. A shell sends both signals, so that the
   * process also continues if this JVM is killed during the pause.
   */
  static void pause(long pid, long millis) throws IOException, InterruptedException {
    String script =
        "kill -STOP %1$d && sleep %2$d.%3$03d; kill -CONT %1$d"
            .formatted(pid, millis / 1_000, millis % 1_000);
    new ProcessBuilder("sh", "-c", script)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
