// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Queues each line, escaped and cut ({@link PrintableEvent}). A separate thread writes the queued
 * lines through the attached appenders. A disk or a terminal that accepts no lines therefore never
 * blocks a thread that logs, such as an event loop.
 *
 * <p>The queue has {@value #LINES_MAX} places. A line is dropped when no place is left for it. The
 * last {@value #PROBLEM_LINES} places are for warnings and errors only. Dropped lines are counted
 * ({@link #dropped}). As soon as lines are written again, an additional line reports how many lines
 * were dropped.
 */
public final class QueueingAppender extends UnsynchronizedAppenderBase<ILoggingEvent>
    implements AppenderAttachable<ILoggingEvent> {

  static final int LINES_MAX = 2_048;
  static final int PROBLEM_LINES = 512;

  private static final LongAdder DROPPED = new LongAdder();
  private static final long STOP_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

  private final AppenderAttachableImpl<ILoggingEvent> sinks = new AppenderAttachableImpl<>();
  private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(LINES_MAX);
  private final AtomicLong unreported = new AtomicLong();
  private volatile boolean stopping;

  /** The number of lines that all queueing appenders of this process have dropped. */
  public static LongAdder dropped() {
    return DROPPED;
  }

  @Override
  public void start() {
    if (isStarted()) {
      return;
    }
    stopping = false;
    Thread.ofPlatform().daemon().name("log-" + getName()).start(this::write);
    super.start();
  }

  /** Writes the queued lines, for at most two seconds, and stops the attached appenders. */
  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    stopping = true;
    flush(STOP_NANOS_MAX);
    sinks.detachAndStopAllAppenders();
  }

  /** Blocks until the lines queued before this call are written, for at most two seconds. */
  public void flush() {
    flush(STOP_NANOS_MAX);
  }

  /** Blocks until the lines queued before this call are written, for at most {@code nanosMax}. */
  void flush(long nanosMax) {
    long deadlineNanos = System.nanoTime() + nanosMax;
    CountDownLatch written = new CountDownLatch(1);
    try {
      if (queue.offer(written::countDown, nanosMax, TimeUnit.NANOSECONDS)) {
        var _ = written.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    boolean problem = event.getLevel().isGreaterOrEqual(Level.WARN);
    if (!problem && queue.remainingCapacity() <= PROBLEM_LINES) {
      drop();
      return;
    }
    PrintableEvent line = new PrintableEvent(event);
    if (!queue.offer(() -> sinks.appendLoopOnAppenders(line))) {
      drop();
    }
  }

  private void drop() {
    DROPPED.increment();
    unreported.incrementAndGet();
  }

  private void write() {
    try {
      while (!stopping || !queue.isEmpty()) {
        Runnable next = queue.poll(1, TimeUnit.SECONDS);
        if (next != null) {
          writeOrDrop(next);
        }
        reportDropped();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes a line. A line that fails must not end the thread, since the next one may succeed. */
  private void writeOrDrop(Runnable line) {
    try {
      line.run();
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      drop();
      addError("a line could not be written", e);
    }
  }

  private void reportDropped() {
    long count = unreported.getAndSet(0);
    if (count > 0) {
      LoggingEvent line = new LoggingEvent();
      line.setLevel(Level.WARN);
      line.setLoggerName(QueueingAppender.class.getName());
      line.setThreadName(Thread.currentThread().getName());
      line.setInstant(Instant.now());
      line.setMDCPropertyMap(Map.of());
      line.setMessage("log lines dropped count=" + count);
      sinks.appendLoopOnAppenders(line);
    }
  }

  @Override
  public void addAppender(Appender<ILoggingEvent> sink) {
    sinks.addAppender(sink);
  }

  @Override
  public Iterator<Appender<ILoggingEvent>> iteratorForAppenders() {
    return sinks.iteratorForAppenders();
  }

  @Override
  public Appender<ILoggingEvent> getAppender(String name) {
    return sinks.getAppender(name);
  }

  @Override
  public boolean isAttached(Appender<ILoggingEvent> sink) {
    return sinks.isAttached(sink);
  }

  @Override
  public void detachAndStopAllAppenders() {
    sinks.detachAndStopAllAppenders();
  }

  @Override
  public boolean detachAppender(Appender<ILoggingEvent> sink) {
    return sinks.detachAppender(sink);
  }

  @Override
  public boolean detachAppender(String name) {
    return sinks.detachAppender(name);
  }
}
