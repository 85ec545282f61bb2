// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What one connection to Redis counts, and what became of its calls lately. Any thread. */
final class RedisFigures {

  /** A probe is made every few seconds, and has the command timeout to be answered. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(20);

  private final DelayHistogram delays = new DelayHistogram();
  private final LongAdder failures = new LongAdder();
  private final LongAdder pending = new LongAdder();

  private final Outcome outcome = new Outcome(SILENCE_MAX);

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
      // Ends with a probe that succeeds. A call that succeeds does not end it: reading still works
      // where Redis refuses to write.
      if (!outcome.isFailing() && RedisProblem.isOfServer(failure)) {
        outcome.failed(RedisProblem.describe(failure));
      }
    }
  }

  /** A probe, which does all that the connection is for, has ended. */
  void probed(@Nullable Throwable failure) {
    if (failure == null) {
      outcome.succeeded();
    } else {
      outcome.failed(RedisProblem.describe(failure));
    }
  }

  /** Why Redis does not do what this connection asks; empty while it does. */
  Optional<String> problem() {
    return outcome.problem();
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
