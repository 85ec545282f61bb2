// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/**
 * A progress bar on stderr. Nothing is drawn when stderr is not a terminal. The bar is drawn at
 * most {@value #DRAWS_PER_SECOND_MAX} times a second, and erased by {@link #close}. For one thread.
 */
public final class ProgressBar implements AutoCloseable {

  private static final int DRAWS_PER_SECOND_MAX = 10;
  private static final int BAR_CHARACTERS = 30;
  private static final String ERASE_LINE = "\r\033[K";

  private final PrintWriter err;
  private final boolean shown;
  private final String label;
  private final long total;
  private long done;
  private long drawnAtNanos;
  private boolean drawn;

  /**
   * An empty bar.
   *
   * @param label what is counted, such as {@code records}
   * @param total the count at which the bar is full
   */
  public ProgressBar(PrintWriter err, String label, long total) {
    this(err, Terminal.isStderr(), label, total);
  }

  /**
   * An empty bar for a command that prints data at the same time. Nothing is drawn when the data
   * goes to a terminal, too, or when {@code total} is 0.
   */
  public static ProgressBar besideData(PrintWriter err, String label, long total) {
    return new ProgressBar(
        err, total > 0 && Terminal.isStderr() && !Terminal.isStdout(), label, total);
  }

  ProgressBar(PrintWriter err, boolean shown, String label, long total) {
    this.err = err;
    this.shown = shown;
    this.label = label;
    this.total = total;
  }

  /** Counts {@code more} as done. */
  public void advance(long more) {
    done += more;
    long nowNanos = System.nanoTime();
    if (shown
        && (!drawn
            || nowNanos - drawnAtNanos >= TimeUnit.SECONDS.toNanos(1) / DRAWS_PER_SECOND_MAX)) {
      draw();
      drawn = true;
      drawnAtNanos = nowNanos;
    }
  }

  /** Erases the bar. */
  @Override
  public void close() {
    if (drawn) {
      err.print(ERASE_LINE);
      err.flush();
      drawn = false;
    }
  }

  private void draw() {
    long counted = Math.min(done, total);
    int percent = total == 0 ? 100 : (int) (counted * 100.0 / total);
    int filled = percent * BAR_CHARACTERS / 100;
    err.print(
        "%s[%s%s] %3d %%  %,d of %,d %s"
            .formatted(
                ERASE_LINE,
                "#".repeat(filled),
                " ".repeat(BAR_CHARACTERS - filled),
                percent,
                counted,
                total,
                label));
    err.flush();
  }
}
