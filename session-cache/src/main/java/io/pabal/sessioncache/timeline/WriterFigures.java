// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The metrics of a timeline writer. The writer's thread updates them; any thread reads them. */
final class WriterFigures {

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long NONE = Long.MIN_VALUE;

  /** The number of messages that Redis has taken. */
  final LongAdder messages = new LongAdder();

  /** The number of times that Redis did not take a batch. */
  final LongAdder failures = new LongAdder();

  /** The number of times that Redis reported missing messages before those that were written. */
  final LongAdder incomplete = new LongAdder();

  private final DelayHistogram delays = new DelayHistogram();
  private volatile long begunNanos = NONE;
  private volatile @Nullable String refused;

  /** Notes that the write of a batch begins. */
  void begun() {
    begunNanos = System.nanoTime();
  }

  /** Notes that the batch is written, or was given up because the writer stops. */
  void ended() {
    delays.record(System.nanoTime() - begunNanos);
    begunNanos = NONE;
  }

  /** Notes that Redis has taken a batch. */
  void taken() {
    refused = null;
  }

  /** Notes that Redis has not taken a batch, which is tried again. */
  void refused(String reason) {
    failures.increment();
    refused = reason;
  }

  /** Why the newest attempt failed; empty when it succeeded. */
  Optional<String> refused() {
    return Optional.ofNullable(refused);
  }

  /** The seconds that the batch in progress has taken so far; 0 when there is none. */
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
