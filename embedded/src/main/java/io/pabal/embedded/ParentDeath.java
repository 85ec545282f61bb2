// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Starts child processes to which Linux sends SIGTERM when this JVM ends for any reason.
 *
 * <p>Linux sends the signal when the <em>thread</em> that started the child ends. So each child has
 * a thread of its own, which waits for the child and ends with the child or with the JVM.
 */
final class ParentDeath {

  private ParentDeath() {}

  /**
   * The first words of a command line whose process ends with its parent; empty without {@code
   * setpriv}.
   */
  static List<String> commandPrefix() {
    return RedisBinary.onPath("setpriv")
        .map(Path::toString)
        .map(setpriv -> List.of(setpriv, "--pdeathsig", "TERM"))
        .orElse(List.of());
  }

  /** Starts a child on a thread that lives as long as the child. */
  static Process start(ProcessBuilder child) throws IOException {
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("parent-of-child").start(() -> run(child, started));
    try {
      return started.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }

  private static void run(ProcessBuilder child, CompletableFuture<Process> started) {
    Process process;
    try {
      process = child.start();
    } catch (IOException | RuntimeException e) {
      started.completeExceptionally(e);
      return;
    }
    started.complete(process);
    // join() cannot be interrupted: this thread must not end before its child.
    var _ = process.onExit().join();
  }
}
