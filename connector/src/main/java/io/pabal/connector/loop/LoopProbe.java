// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import io.pabal.telemetry.DelayHistogram;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Measures how late an event loop runs its due tasks. The probe is a task of the loop, {@value
 * #PER_SECOND} times a second. The delay includes the granularity of the loop's timer, about a
 * millisecond. {@link #stalledSeconds} shows, to any thread, a loop that does not run the probe.
 */
final class LoopProbe implements Runnable {

  static final int PER_SECOND = 10;
  static final long INTERVAL_MILLIS = 1_000 / PER_SECOND;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long NOT_STARTED = Long.MIN_VALUE;

  private final DelayHistogram delays = new DelayHistogram();
  private LongConsumer listener = nanos -> {};
  private volatile long dueNanos = NOT_STARTED;

  /** The delays that were measured. */
  DelayHistogram delays() {
    return delays;
  }

  /** The probe was scheduled: its first run is due after one interval. */
  void started(LongConsumer listenerOfDelays) {
    listener = listenerOfDelays;
    dueNanos = nextDue(System.nanoTime());
  }

  @Override
  public void run() {
    long nowNanos = System.nanoTime();
    delays.record(nowNanos - dueNanos);
    listener.accept(nowNanos - dueNanos);
    dueNanos = nextDue(nowNanos);
  }

  /** Seconds for which the due run has not happened; 0 when the loop is on time. Any thread. */
  double stalledSeconds() {
    long due = dueNanos;
    return due == NOT_STARTED ? 0 : Math.max(0, System.nanoTime() - due) / NANOS_PER_SECOND;
  }

  private static long nextDue(long nowNanos) {
    return nowNanos + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
  }
}
