// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import io.pabal.embedded.EmbeddedRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of one node. If it ends by itself, it is started again after {@value
 * #RESTART_DELAY_SECONDS} s, so that its replica has taken over meanwhile. A node that {@link
 * #kill} ended stays down. Safe for use by many threads.
 */
final class NodeProcess implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeProcess.class);
  private static final long RESTART_DELAY_SECONDS = 5;

  private final Path directory;
  private final int port;
  private final List<String> settings;
  private final Consumer<Throwable> onFailure;
  private volatile @Nullable EmbeddedRedis server;
  private boolean closed;

  /**
   * A node that is not started yet.
   *
   * @param onFailure gets the reason when a node that ended by itself cannot be started again
   */
  NodeProcess(Path directory, int port, List<String> settings, Consumer<Throwable> onFailure) {
    this.directory = directory;
    this.port = port;
    this.settings = settings;
    this.onFailure = onFailure;
  }

  int port() {
    return port;
  }

  /** The node's redis-server; null while the node is down. */
  @Nullable EmbeddedRedis server() {
    return server;
  }

  /** Starts the process unless it runs. Returns when it answers. Blocks. */
  synchronized void start() {
    if (server != null || closed) {
      return;
    }
    EmbeddedRedis started =
        EmbeddedRedis.start(
            directory, port, settings, Objects.requireNonNull(directory.getParent()));
    server = started;
    var _ =
        started
            .terminated()
            .whenComplete((none, failure) -> Thread.ofVirtual().start(() -> ended(started)));
  }

  /** Ends the process with SIGKILL. Blocks until the process has ended. */
  synchronized void kill() {
    EmbeddedRedis killed = server;
    server = null;
    if (killed != null) {
      killed.kill();
    }
  }

  /** Ends the process, which writes all its data first; it stays down. Blocks. */
  synchronized void stop() {
    EmbeddedRedis stopped = server;
    server = null;
    if (stopped != null) {
      stopped.close();
    }
  }

  /** Sends a signal to the process, such as {@code STOP}; does nothing while the node is down. */
  synchronized void signal(String name) throws IOException {
    EmbeddedRedis running = server;
    if (running == null) {
      return;
    }
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(running.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the process, which writes all its data first, and does not start it again. Blocks. */
  @Override
  public synchronized void close() {
    closed = true;
    EmbeddedRedis stopped = server;
    if (stopped == null) {
      return;
    }
    try {
      signal("CONT"); // a frozen process does not see that it is to end
    } catch (IOException e) {
      log.warn("redis not continued port={} reason={}", port, e.getMessage());
    }
    server = null;
    stopped.close();
  }

  private synchronized void ended(EmbeddedRedis ended) {
    if (server != ended) {
      return; // kill() or close() ended it
    }
    log.warn("redis node ended by itself, starting it again port={} log={}", port, directory);
    server = null;
    ended.close();
    // Not on the common pool, which may have one thread: a process's end is noticed there.
    CompletableFuture.delayedExecutor(
            RESTART_DELAY_SECONDS, TimeUnit.SECONDS, task -> Thread.ofVirtual().start(task))
        .execute(this::startAgain);
  }

  private void startAgain() {
    try {
      start();
    } catch (IllegalStateException e) {
      log.error("redis node cannot be started again port={}", port, e);
      onFailure.accept(e);
    }
  }
}
