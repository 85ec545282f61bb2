// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Whether something goes on, told by a figure that grows while it does. Nothing is measured between
 * two questions, so the first question after a long time is answered with yes.
 */
public final class Progress {

  private final DoubleSupplier figure;
  private final long silenceMaxNanos;
  private double seen;
  private long changedNanos;
  private boolean asked;

  /** Goes on as long as {@code figure} changes at least once in {@code silenceMax}. */
  public Progress(DoubleSupplier figure, Duration silenceMax) {
    this.figure = figure;
    this.silenceMaxNanos = silenceMax.toNanos();
  }

  /** Whether it goes on at {@code nowNanos}, a time of {@link System#nanoTime}. */
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
