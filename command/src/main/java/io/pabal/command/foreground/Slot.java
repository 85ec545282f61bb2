// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import io.pabal.telemetry.FatalError;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part, from the beginning of its start. The part starts and closes on threads of its own, so the
 * wait for either has a time limit.
 */
final class Slot {

  private static final Logger log = LoggerFactory.getLogger(Slot.class);
  private static final long START_TIMEOUT_SECONDS = 30;

  private final String name;
  private final Thread starter;
  private final CompletableFuture<Part> part = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  Slot(String name, Callable<Part> start) {
    this.name = name;
    this.starter =
        Thread.ofPlatform()
            .daemon()
            .name("start-" + name)
            .start(
                () -> {
                  try {
                    part.complete(start.call());
                  } catch (Throwable e) {
                    FatalError.endProcessIf(e);
                    part.completeExceptionally(e);
                  }
                });
  }

  String name() {
    return name;
  }

  CompletableFuture<Part> part() {
    return part;
  }

  /** Whether closing has begun. */
  boolean isClosing() {
    return closing.get();
  }

  /**
   * Closes the part. A part that is still starting is interrupted, and closed if its start succeeds
   * nevertheless.
   *
   * <p>Blocks. When another call is already closing the part, waits until that call is done.
   *
   * @param says receives the text for the operator when closing begins
   */
  void close(Consumer<String> says) {
    if (!closing.compareAndSet(false, true)) {
      closed.join();
      return;
    }
    try {
      closeOnce(says);
    } finally {
      closed.complete(null);
    }
  }

  private void closeOnce(Consumer<String> says) {
    starter.interrupt();
    try {
      Part started = part.get(START_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      String farewell = started.farewell().get();
      if (!farewell.isEmpty()) {
        says.accept(name + " " + farewell);
      }
      await(started);
    } catch (ExecutionException e) {
      log.debug("never started part={}", name, e);
    } catch (TimeoutException e) {
      log.warn("not closed in time part={}", name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await(Part started) throws InterruptedException, TimeoutException {
    FutureTask<Void> closing =
        new FutureTask<>(
            () -> {
              started.running().close();
              return null;
            });
    Thread.ofPlatform().daemon().name("close-" + name).start(closing);
    try {
      closing.get(started.closeMax().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.warn("not closed cleanly part={} reason={}", name, Failure.messageOf(e), e);
    }
  }
}
