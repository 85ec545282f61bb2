// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Meters;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The metrics of a timeline writer. The writer's thread updates them; any thread reads them. */
final class WriterFigures {

  static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Stands for the beginning of a batch when there is none. */
  static final long NONE = Long.MIN_VALUE;

  /** The number of messages that Redis has taken. */
  final LongAdder messages = new LongAdder();

  /** The number of times that Redis did not take a batch. */
  final LongAdder failures = new LongAdder();

  /** The number of times that Redis reported missing messages before those that were written. */
  final LongAdder incomplete = new LongAdder();

  private final DelayHistogram delays = new DelayHistogram();
  private volatile long oldestNanos = NONE;
  private volatile int held;
  private volatile Optional<String> problem = Optional.empty();

  /** Notes that Redis has a batch, which was read at {@code begunNanos}. */
  void confirmed(int count, long begunNanos) {
    messages.add(count);
    delays.record(System.nanoTime() - begunNanos);
  }

  /**
   * Notes what Redis does not have yet.
   *
   * @param reason why batches wait; empty while all is well
   * @param oldest when the oldest batch was read; {@link #NONE} when there is none
   * @param partitions the number of partitions that have a batch
   */
  void pending(Optional<String> reason, long oldest, int partitions) {
    problem = reason;
    oldestNanos = oldest;
    held = partitions;
  }

  /** Why batches wait; empty while all is well. */
  Optional<String> problem() {
    return problem;
  }

  /** The seconds that the oldest batch has taken so far; 0 when there is none. */
  double underWaySeconds() {
    long oldest = oldestNanos;
    return oldest == NONE ? 0 : (System.nanoTime() - oldest) / NANOS_PER_SECOND;
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
        "How long the oldest batch that is being written has taken so far",
        this::underWaySeconds);
    meters.gauge(
        "pabal.timeline.partitions.held",
        "Partitions that are not read on, since Redis does not have their last messages yet",
        () -> held);
  }
}
