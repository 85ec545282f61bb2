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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one event loop keeps for its connections. Apart from {@link #eventLoop()} and {@link
 * #index()}, used on that loop only.
 */
public final class LoopContext {

  private static final Logger log = LoggerFactory.getLogger(LoopContext.class);

  /** Something that gathers output until the end of the loop's current batch. */
  public interface Flushable {
    /** Writes what was gathered and flushes the socket once. */
    void flushBatch();

    /** It failed: the connection is in doubt and has to end. Must not throw. */
    void failed(Throwable cause);
  }

  /** Something that has progress to write down at the next checkpoint. */
  public interface Checkpointed {
    /** Writes the progress down. */
    void checkpoint();

    /** It failed: the session is in doubt and has to end. Must not throw. */
    void failed(Throwable cause);
  }

  /**
   * Bytes that the connections of a loop may have gathered before they are flushed within a large
   * fan-out: what one poll holds of direct memory, beside what slow sockets hold.
   */
  static final long GATHERED_BYTES_MAX = 4 << 20;

  private final int index;
  private final EventLoop eventLoop;
  private final DirectMemory directMemory;
  private final KeepAliveWheel keepAlive = new KeepAliveWheel();
  private final LoopProbe probe = new LoopProbe();
  private List<Flushable> touched = new ArrayList<>();
  private List<Flushable> flushing = new ArrayList<>();
  private List<Checkpointed> moved = new ArrayList<>();
  private List<Checkpointed> checkpointing = new ArrayList<>();
  private Set<Runnable> waitingForIngress = new LinkedHashSet<>();

  private long gatheredBytes;

  /** The context of {@code eventLoop}, with an alarm of its own. */
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
   * Has to be told of whatever is caught on this loop and not thrown on: ends the process when the
   * heap is exhausted, and gives the alarm when direct memory is. Any thread.
   *
   * @return whether the caller need not log it, because it is one of many and the alarm does
   */
  public boolean caught(Throwable failure) {
    FatalError.endProcessIf(failure);
    boolean outOfDirectMemory = FatalError.isOutOfDirectMemory(failure);
    if (outOfDirectMemory) {
      directMemory.exhausted();
    }
    return outOfDirectMemory;
  }

  /** The loop's number, from 0. */
  public int index() {
    return index;
  }

  /** The loop itself. */
  public EventLoop eventLoop() {
    return eventLoop;
  }

  /** The loop's keep-alive wheel. */
  public KeepAliveWheel keepAlive() {
    return keepAlive;
  }

  /** For how long the loop has not run what is due; 0 when it is on time. Any thread. */
  public double stalledSeconds() {
    return probe.stalledSeconds();
  }

  /** Binds how late the loop is. */
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

  /** Starts the loop's periodic tasks: the keep-alive tick, the checkpoint and the probe. */
  public void start(long checkpointIntervalMillis) {
    probe.started();
    every(LoopProbe.INTERVAL_MILLIS, probe);
    every(1_000, keepAlive::tick);
    every(checkpointIntervalMillis, this::checkpointMoved);
  }

  private void every(long intervalMillis, Runnable task) {
    // A periodic task that throws would never run again, and nobody would hear of it.
    Runnable guarded =
        () -> {
          try {
            task.run();
          } catch (Throwable e) {
            var _ = caught(e);
            log.error("periodic task failed loop={}", index, e);
          }
        };
    // Not at a fixed rate: after a pause of the whole process the ticks that were missed would come
    // all at once, and every client would look silent.
    var _ =
        eventLoop.scheduleWithFixedDelay(
            guarded, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * Has {@code connection} flushed once, after what the loop is doing now; to be called once until
   * then.
   */
  public void touch(Flushable connection) {
    if (touched.isEmpty()) {
      eventLoop.execute(this::flushTouched);
    }
    touched.add(connection);
  }

  /** A connection has taken so much memory for what it gathers until it is flushed. */
  public void gathered(int bytes) {
    gatheredBytes += bytes;
  }

  /**
   * Flushes the connections now when they have gathered much. To be called between two sessions,
   * not while one is at work: a flush may make its session go on.
   */
  public void flushIfMuch() {
    if (gatheredBytes >= GATHERED_BYTES_MAX) {
      flushTouched();
    }
  }

  /** Has {@code session} checkpointed at the next interval; to be called once until then. */
  public void moved(Checkpointed session) {
    moved.add(session);
  }

  /**
   * Has {@code resume} run once when Kafka takes more again, messages or what is written about
   * sessions; see {@link #ingressOpened}.
   */
  public void awaitIngress(Runnable resume) {
    waitingForIngress.add(resume);
  }

  /** Forgets what {@link #awaitIngress} was told, if it still waits. */
  public void forgetIngress(Runnable resume) {
    waitingForIngress.remove(resume);
  }

  /** Runs everything that waited for Kafka to take more. What has to wait again registers again. */
  public void ingressOpened() {
    Set<Runnable> waiting = waitingForIngress;
    waitingForIngress = new LinkedHashSet<>();
    for (Runnable resume : waiting) {
      try {
        resume.run();
      } catch (Throwable e) {
        // What resumes ends its own connection when it fails; the others have to go on.
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
        // The others of the loop have to be flushed, now and later.
        failed(e, () -> connection.failed(e));
      }
    }
    batch.clear();
  }

  private void checkpointMoved() {
    List<Checkpointed> batch = moved;
    moved = checkpointing;
    checkpointing = batch;
    for (Checkpointed session : batch) {
      try {
        session.checkpoint();
      } catch (Throwable e) {
        failed(e, () -> session.failed(e));
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
