// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import io.pabal.schemas.topic.TopicCatalogue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The records that a reader passes over because they are not what the {@link TopicCatalogue} says:
 * counts each and logs each once, with its place, but at most {@value #LINES_MAX} lines in {@value
 * #SECONDS} seconds. The next line says how many were left out before it. Any thread.
 */
@NullMarked
public final class SkippedRecords {

  private static final int LINES_MAX = 10;
  private static final int SECONDS = 10;
  private static final int REASON_CHARS_MAX = 300;

  private final Logger log;
  private final LongAdder count;
  private final LongSupplier nanoTime;
  private long beganNanos;
  private int lines;
  private long leftOut;

  /**
   * The skipped records of a reader that has no meter of its own; see {@link #count}.
   *
   * @param log where they are named
   */
  public SkippedRecords(Logger log) {
    this(log, new LongAdder());
  }

  /**
   * A reader's skipped records.
   *
   * @param log where they are named
   * @param count counts all of them
   */
  public SkippedRecords(Logger log, LongAdder count) {
    this(log, count, System::nanoTime);
  }

  /** The same with a clock like {@link System#nanoTime}. */
  SkippedRecords(Logger log, LongAdder count, LongSupplier nanoTime) {
    this.log = log;
    this.count = count;
    this.nanoTime = nanoTime;
    this.beganNanos = nanoTime.getAsLong();
  }

  /** Takes note of a record that is passed over. */
  public void add(String topic, int partition, long offset, @Nullable String reason) {
    add(topic + "-" + partition + "@" + offset, reason);
  }

  /**
   * Takes note of a record that is passed over.
   *
   * @param at {@code topic-partition@offset}
   */
  public void add(String at, @Nullable String reason) {
    count.increment();
    long leftOutBefore = lineOrNot();
    if (leftOutBefore < 0) {
      return;
    }
    log.warn("record skipped at={} reason=\"{}\" leftOut={}", at, cut(reason), leftOutBefore);
  }

  /** The number of records skipped so far. */
  public long count() {
    return count.sum();
  }

  /** How many lines were left out before the one that may be written now; -1: none may. */
  private synchronized long lineOrNot() {
    long nowNanos = nanoTime.getAsLong();
    if (nowNanos - beganNanos >= TimeUnit.SECONDS.toNanos(SECONDS)) {
      beganNanos = nowNanos;
      lines = 0;
    }
    if (lines == LINES_MAX) {
      leftOut++;
      return -1;
    }
    lines++;
    long result = leftOut;
    leftOut = 0;
    return result;
  }

  /** Reasons may quote what the record holds. */
  private static String cut(@Nullable String reason) {
    String text = String.valueOf(reason);
    return text.length() <= REASON_CHARS_MAX ? text : text.substring(0, REASON_CHARS_MAX) + "...";
  }
}
