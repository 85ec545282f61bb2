// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * A limit for log lines of one kind that clients or records can cause in any number: so many in
 * each period. One further line says, when a period has passed, how many were left out.
 *
 * <p>Any thread. The lock is held for a few instructions, never while something is logged.
 */
public final class LogLimiter {

  /** The lines a second that {@link #perSecond} lets through. */
  public static final int LINES_PER_SECOND = 10;

  private final int linesMax;
  private final long periodNanos;
  private final LongConsumer leftOutLine;
  private final LongSupplier nanoTime;
  private final Executor afterPeriod;
  private long periodBeganNanos;
  private int lines;
  private long leftOut;

  /**
   * A limit of {@value #LINES_PER_SECOND} lines a second.
   *
   * @param leftOutLine logs how many lines were left out; called by a thread of the common pool
   */
  public static LogLimiter perSecond(LongConsumer leftOutLine) {
    return new LogLimiter(LINES_PER_SECOND, Duration.ofSeconds(1), leftOutLine);
  }

  /**
   * A limit of {@code linesMax} lines in each {@code period}.
   *
   * @param leftOutLine logs how many lines were left out; called by a thread of the common pool
   */
  public LogLimiter(int linesMax, Duration period, LongConsumer leftOutLine) {
    this(
        linesMax,
        period,
        leftOutLine,
        System::nanoTime,
        CompletableFuture.delayedExecutor(period.toNanos(), TimeUnit.NANOSECONDS));
  }

  /**
   * The same with a clock of the caller's.
   *
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param afterPeriod runs a task when one period has passed
   */
  public LogLimiter(
      int linesMax,
      Duration period,
      LongConsumer leftOutLine,
      LongSupplier nanoTime,
      Executor afterPeriod) {
    this.linesMax = linesMax;
    this.periodNanos = period.toNanos();
    this.leftOutLine = leftOutLine;
    this.nanoTime = nanoTime;
    this.afterPeriod = afterPeriod;
    this.periodBeganNanos = nanoTime.getAsLong();
  }

  /** Whether a line may be written now; when not, it is counted as left out. */
  public boolean allows() {
    boolean first;
    synchronized (this) {
      long nowNanos = nanoTime.getAsLong();
      if (nowNanos - periodBeganNanos >= periodNanos) {
        periodBeganNanos = nowNanos;
        lines = 0;
      }
      if (lines < linesMax) {
        lines++;
        return true;
      }
      first = leftOut == 0;
      leftOut++;
    }
    if (first) {
      afterPeriod.execute(this::reportLeftOut);
    }
    return false;
  }

  private void reportLeftOut() {
    long count;
    synchronized (this) {
      count = leftOut;
      leftOut = 0;
    }
    leftOutLine.accept(count);
  }
}
