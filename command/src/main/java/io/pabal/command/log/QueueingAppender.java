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
 * Queues each line, escaped and cut ({@link PrintableEvent}), for a thread of its own, which writes
 * it by the appenders attached here. So a disk or a terminal that does not take lines never blocks
 * a thread that logs, such as an event loop.
 *
 * <p>The queue has {@value #LINES_MAX} places. When no place is left, a line is dropped; the last
 * {@value #PROBLEM_LINES} places are for warnings and errors only. What was dropped is counted
 * ({@link #dropped}), and a line of its own says how much it was as soon as lines are taken again.
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

  /** The lines that all appenders of this process have dropped. */
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

  /** Writes what is queued, for at most two seconds, and stops the appenders attached here. */
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

  /** Waits until what was queued before this call is written. Blocks, for a while at most. */
  public void flush() {
    flush(STOP_NANOS_MAX);
  }

  /** The same, for {@code nanosMax} at most. */
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

  /** The next line may be written, so a line that fails must not end the thread. */
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
