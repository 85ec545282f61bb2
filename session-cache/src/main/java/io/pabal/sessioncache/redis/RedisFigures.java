// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The metrics of one connection to Redis, and the result of its recent calls. Any thread. */
final class RedisFigures {

  /** A probe is sent every few seconds, and its reply may take the command timeout. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(20);

  private final DelayHistogram delays = new DelayHistogram();
  private final LongAdder failures = new LongAdder();
  private final LongAdder pending = new LongAdder();

  private final Outcome outcome = new Outcome(SILENCE_MAX);

  /** Counts a call that begins. Returns the time of its begin, for {@link #ended}. */
  long begun() {
    pending.increment();
    return System.nanoTime();
  }

  /** Counts a call that has ended; {@code failure} is null when the call succeeded. */
  void ended(long begunNanos, @Nullable Throwable failure) {
    pending.decrement();
    delays.record(System.nanoTime() - begunNanos);
    if (failure != null) {
      failures.increment();
      // Only a successful probe ends a problem. A successful call does not: reads still succeed
      // while Redis refuses writes.
      if (!outcome.isFailing() && RedisProblem.isOfServer(failure)) {
        outcome.failed(RedisProblem.describe(failure));
      }
    }
  }

  /**
   * Takes the result of a probe, which runs every command that this connection needs.
   *
   * @param problem why some primary does not run them; null when all do
   */
  void probed(@Nullable String problem) {
    if (problem == null) {
      outcome.succeeded();
    } else {
      outcome.failed(problem);
    }
  }

  /** Why Redis does not serve this connection; empty while Redis does. */
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
