// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What a timeline writer counts. Counted by the writer's thread, read by any. */
final class WriterFigures {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long NONE = Long.MIN_VALUE;

  /** Messages that Redis has taken. */
  final LongAdder messages = new LongAdder();

  /** Times that Redis did not take a batch, and it was tried again. */
  final LongAdder failures = new LongAdder();

  /** Times that Redis said that something is missing before what was written. */
  final LongAdder incomplete = new LongAdder();

  private final DelayHistogram delays = new DelayHistogram();
  private volatile long begunNanos = NONE;
  private volatile @Nullable String refused;

  /** A batch begins to be written. */
  void begun() {
    begunNanos = System.nanoTime();
  }

  /** The batch is written, or was given up because the writer stops. */
  void ended() {
    delays.record(System.nanoTime() - begunNanos);
    begunNanos = NONE;
  }

  /** Redis has taken a batch. */
  void taken() {
    refused = null;
  }

  /** Redis has not taken a batch, which is tried again. */
  void refused(String reason) {
    failures.increment();
    refused = reason;
  }

  /** Why the newest attempt failed; empty when it did not. */
  Optional<String> refused() {
    return Optional.ofNullable(refused);
  }

  /** How long the batch that is under way has taken; 0 when there is none. */
  double underWaySeconds() {
    long begun = begunNanos;
    return begun == NONE ? 0 : (System.nanoTime() - begun) / NANOS_PER_SECOND;
  }

  void bindTo(Meters meters) {
    meters.counter("pabal.timeline.messages", "Messages written to timelines", messages);
    meters.counter(
        "pabal.timeline.append.failures", "Times that a batch had to be tried again", failures);
    meters.counter(
        "pabal.timeline.incomplete",
        "Times that timelines were found incomplete, and readers told",
        incomplete);
    meters.delays(
        "pabal.timeline.append.seconds", "Time until Redis had a batch, with its retries", delays);
    meters.gauge(
        "pabal.timeline.append.under.way.seconds",
        "How long the batch that is being written has taken so far",
        this::underWaySeconds);
  }
}
