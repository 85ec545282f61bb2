// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Publishes some hundred messages a second to one address until it is stopped. */
public final class Traffic implements AutoCloseable {

  private final Cluster cluster;
  private final String address;
  private final CompletableFuture<Long> lastOffset = new CompletableFuture<>();
  private volatile boolean stopped;

  public Traffic(Cluster cluster, String address) {
    this.cluster = cluster;
    this.address = address;
  }

  public void start() {
    Thread.ofVirtual().start(this::run);
  }

  /** Stops and returns the offset of the last message. */
  public long stop() throws Exception {
    stopped = true;
    return lastOffset.get(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    stopped = true;
  }

  private void run() {
    try {
      int sent = 0;
      while (!stopped) {
        var _ = cluster.message(address, ("message " + sent++).getBytes(UTF_8));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      }
      var last =
          cluster
              .message(address, "the last".getBytes(UTF_8))
              .get(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      lastOffset.complete(last.offset());
    } catch (Exception e) {
      lastOffset.completeExceptionally(e);
    }
  }
}
