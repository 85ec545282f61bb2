// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import io.pabal.sessioncache.redis.RedisProblem;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls of Redis, a bounded number of them at a time. Used by one thread. */
final class InFlight {

  private final int max;
  private final Semaphore room;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  InFlight(int max) {
    this.max = max;
    this.room = new Semaphore(max);
  }

  /** Makes a call. Blocks while {@code max} earlier ones have no reply. */
  void add(Supplier<? extends CompletionStage<?>> call) throws InterruptedException {
    room.acquire();
    var _ =
        call.get()
            .whenComplete(
                (reply, error) -> {
                  if (error != null) {
                    failure.compareAndSet(null, error);
                  }
                  room.release();
                });
  }

  /**
   * Waits until all calls have ended. Blocks.
   *
   * @throws IllegalStateException when one of them failed
   */
  void await() throws InterruptedException {
    room.acquire(max);
    room.release(max);
    Throwable first = failure.get();
    if (first != null) {
      throw new IllegalStateException("redis: " + RedisProblem.describe(first), first);
    }
  }
}
