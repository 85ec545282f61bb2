// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import io.pabal.telemetry.DelayHistogram;
import java.util.concurrent.TimeUnit;

/**
 * Notices how late an event loop runs what is due: a task of the loop, {@value #PER_SECOND} times a
 * second. The delay includes the granularity of the loop's timer, about a millisecond. A loop that
 * does not come back at all is seen by {@link #stalledSeconds}, from any thread.
 */
final class LoopProbe implements Runnable {

  static final int PER_SECOND = 10;
  static final long INTERVAL_MILLIS = 1_000 / PER_SECOND;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long NOT_STARTED = Long.MIN_VALUE;

  private final DelayHistogram delays = new DelayHistogram();
  private volatile long dueNanos = NOT_STARTED;

  /** What was noticed. */
  DelayHistogram delays() {
    return delays;
  }

  /** The first run is due in an interval. */
  void started() {
    dueNanos = nextDue(System.nanoTime());
  }

  @Override
  public void run() {
    long nowNanos = System.nanoTime();
    delays.record(nowNanos - dueNanos);
    dueNanos = nextDue(nowNanos);
  }

  /** For how long the loop has not run what is due. Any thread. */
  double stalledSeconds() {
    long due = dueNanos;
    return due == NOT_STARTED ? 0 : Math.max(0, System.nanoTime() - due) / NANOS_PER_SECOND;
  }

  private static long nextDue(long nowNanos) {
    return nowNanos + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
  }
}
