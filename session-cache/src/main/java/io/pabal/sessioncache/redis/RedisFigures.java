// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What one connection to Redis counts. Any thread. */
final class RedisFigures {

  private final DelayHistogram delays = new DelayHistogram();
  private final LongAdder failures = new LongAdder();
  private final LongAdder pending = new LongAdder();

  /** Whether Redis did not answer the last call that has ended. */
  private volatile boolean silent;

  /** A call leaves; returns its time, for {@link #ended}. */
  long begun() {
    pending.increment();
    return System.nanoTime();
  }

  /** The call has ended; {@code failure} is null when Redis did what it was asked to. */
  void ended(long begunNanos, @Nullable Throwable failure) {
    pending.decrement();
    delays.record(System.nanoTime() - begunNanos);
    if (failure != null) {
      failures.increment();
    }
    boolean noAnswer =
        failure != null && !(RedisLink.causeOf(failure) instanceof RedisCommandExecutionException);
    if (silent != noAnswer) {
      silent = noAnswer;
    }
  }

  boolean isSilent() {
    return silent;
  }

  void bindTo(Meters meters) {
    meters.delays(
        "pabal.redis.call.seconds", "Time until Redis answered, or until it was given up", delays);
    meters.counter("pabal.redis.failures", "Calls that failed or were not answered", failures);
    meters.gauge("pabal.redis.pending", "Calls that wait for an answer", pending::sum);
    meters.gauge(
        "pabal.redis.pending.max",
        "Calls that may wait before further ones fail",
        () -> RedisServer.REQUESTS_MAX);
  }
}
