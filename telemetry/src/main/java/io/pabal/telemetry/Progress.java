// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * A check that an activity makes progress, by a figure that changes while it does. Nothing is
 * measured between two calls, so the first call after a long time returns true. Any thread.
 */
public final class Progress {

  private final DoubleSupplier figure;
  private final long silenceMaxNanos;
  private double seen;
  private long changedNanos;
  private boolean asked;

  /** A check that {@code figure} changes at least once in {@code silenceMax}. */
  public Progress(DoubleSupplier figure, Duration silenceMax) {
    this.figure = figure;
    this.silenceMaxNanos = silenceMax.toNanos();
  }

  /** Whether there is progress at {@code nowNanos}, a time of {@link System#nanoTime}. */
  public synchronized boolean goesOn(long nowNanos) {
    double now = figure.getAsDouble();
    if (!asked || Double.compare(now, seen) != 0) {
      asked = true;
      seen = now;
      changedNanos = nowNanos;
    }
    return nowNanos - changedNanos <= silenceMaxNanos;
  }
}
