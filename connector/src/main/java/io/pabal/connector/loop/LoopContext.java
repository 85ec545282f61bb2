// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.Meters;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state that one event loop keeps for its connections. Used on that loop only, except where a
 * method says any thread.
 */
public final class LoopContext {

  private static final Logger log = LoggerFactory.getLogger(LoopContext.class);

  /** A connection that gathers output until the end of the loop's current batch. */
  public interface Flushable {
    /** Writes the gathered output and flushes the socket once. */
    void flushBatch();

    /** The flush threw: the connection's state is unknown, so it has to end. Must not throw. */
    void failed(Throwable cause);
  }

  /**
   * Bytes that the connections of a loop may gather before they are flushed within a large fan-out.
   * This bounds the direct memory that one poll holds, besides the memory that slow sockets hold.
   */
  static final long GATHERED_BYTES_MAX = 4 << 20;

  private final int index;
  private final EventLoop eventLoop;
  private final DirectMemory directMemory;
  private final KeepAliveWheel keepAlive = new KeepAliveWheel();
  private final LoopProbe probe = new LoopProbe();
  private List<Flushable> touched = new ArrayList<>();
  private List<Flushable> flushing = new ArrayList<>();
  private Set<Runnable> waitingForIngress = new LinkedHashSet<>();

  private long gatheredBytes;

  /** The context of {@code eventLoop}, with a direct memory alarm of its own. */
  public LoopContext(int index, EventLoop eventLoop) {
    this(index, eventLoop, new DirectMemory());
  }

  /** The context of {@code eventLoop}, number {@code index} of the connector's loops. */
  public LoopContext(int index, EventLoop eventLoop, DirectMemory directMemory) {
    this.index = index;
    this.eventLoop = eventLoop;
    this.directMemory = directMemory;
  }

  /**
   * Handles a failure that was caught on this loop and is not thrown again; called for each such
   * failure. Ends the process when the heap is exhausted, and raises the alarm when direct memory
   * is exhausted. Any thread.
   *
   * @return whether the caller need not log the failure, because it is one of many and the alarm
   *     logs them
   */
  public boolean caught(Throwable failure) {
    FatalError.endProcessIf(failure);
    boolean outOfDirectMemory = FatalError.isOutOfDirectMemory(failure);
    if (outOfDirectMemory) {
      directMemory.exhausted();
    }
    return outOfDirectMemory;
  }

  /** The loop's number among the connector's loops, from 0. Any thread. */
  public int index() {
    return index;
  }

  /** The loop itself. Any thread. */
  public EventLoop eventLoop() {
    return eventLoop;
  }

  /** The loop's keep-alive wheel. */
  public KeepAliveWheel keepAlive() {
    return keepAlive;
  }

  /** Seconds for which the loop's due tasks have not run; 0 when it is on time. Any thread. */
  public double stalledSeconds() {
    return probe.stalledSeconds();
  }

  /** Binds the delay of the loop's tasks and the length of its queue. */
  public void bindTo(Meters meters) {
    Meters ofLoop = meters.with("loop", Integer.toString(index));
    ofLoop.delays(
        "pabal.connector.event.loop.delay.seconds",
        "How late the event loop runs what is due",
        probe.delays());
    ofLoop.gauge(
        "pabal.connector.event.loop.stalled.seconds",
        "For how long the event loop has not run what is due",
        probe::stalledSeconds);
    ofLoop.gauge(
        "pabal.connector.event.loop.pending.tasks",
        "Tasks in the event loop's queue",
        () -> eventLoop instanceof SingleThreadEventLoop loop ? loop.pendingTasks() : 0);
  }

  /**
   * Starts the loop's periodic tasks: the keep-alive tick and the probe. Any thread; called once.
   *
   * @param delayListener gets each delay that the probe measures, in nanoseconds, on the loop; must
   *     not block
   */
  public void start(LongConsumer delayListener) {
    probe.started(delayListener);
    every(LoopProbe.INTERVAL_MILLIS, probe);
    every(1_000, keepAlive::tick);
  }

  private void every(long intervalMillis, Runnable task) {
    // A periodic task that throws would not be run again, and no log line would say so.
    Runnable guarded =
        () -> {
          try {
            task.run();
          } catch (Throwable e) {
            var _ = caught(e);
            log.error("periodic task failed loop={}", index, e);
          }
        };
    // Not at a fixed rate: after a pause of the whole process, the missed ticks would run all at
    // once, and every client would look silent.
    var _ =
        eventLoop.scheduleWithFixedDelay(
            guarded, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * Schedules one flush of {@code connection} after the loop's current task. Called at most once
   * before that flush.
   */
  public void touch(Flushable connection) {
    if (touched.isEmpty()) {
      eventLoop.execute(this::flushTouched);
    }
    touched.add(connection);
  }

  /** Counts {@code bytes} of memory that a connection has taken for output until its flush. */
  public void gathered(int bytes) {
    gatheredBytes += bytes;
  }

  /**
   * Flushes the connections now if they have gathered {@link #GATHERED_BYTES_MAX}. Called between
   * two sessions, not while a session is at work: a flush may make its session continue.
   */
  public void flushIfMuch() {
    if (gatheredBytes >= GATHERED_BYTES_MAX) {
      flushTouched();
    }
  }

  /**
   * Registers {@code resume}, which is run once when Kafka takes records again, messages or session
   * events; see {@link #ingressOpened}. Registering it twice has no further effect.
   */
  public void awaitIngress(Runnable resume) {
    waitingForIngress.add(resume);
  }

  /** Removes what {@link #awaitIngress} registered. No effect if it does not wait. */
  public void forgetIngress(Runnable resume) {
    waitingForIngress.remove(resume);
  }

  /**
   * Kafka takes records again: runs everything that {@link #awaitIngress} has registered. A task
   * that has to wait again registers again.
   */
  public void ingressOpened() {
    Set<Runnable> waiting = waitingForIngress;
    waitingForIngress = new LinkedHashSet<>();
    for (Runnable resume : waiting) {
      try {
        resume.run();
      } catch (Throwable e) {
        // A task that fails ends its own connection. The remaining tasks have to run.
        var _ = caught(e);
        log.error("publisher not resumed loop={}", index, e);
      }
    }
  }

  private void flushTouched() {
    gatheredBytes = 0;
    List<Flushable> batch = touched;
    touched = flushing;
    flushing = batch;
    for (Flushable connection : batch) {
      try {
        connection.flushBatch();
      } catch (Throwable e) {
        // The remaining connections of the loop have to be flushed, now and later.
        failed(e, () -> connection.failed(e));
      }
    }
    batch.clear();
  }

  private void failed(Throwable cause, Runnable end) {
    var _ = caught(cause);
    try {
      end.run();
    } catch (Throwable e) {
      var _ = caught(e);
      log.error("not ended in good order loop={}", index, e);
    }
  }
}
