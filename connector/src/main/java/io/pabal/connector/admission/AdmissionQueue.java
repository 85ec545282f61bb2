// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import io.netty.channel.EventLoop;
import io.pabal.connector.admission.Admission.Permit;
import io.pabal.connector.admission.Admission.Refused;
import io.pabal.telemetry.FatalError;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CONNECTs of one event loop that wait for a permit, in the order of their arrival, and the
 * connections of the loop whose SUBSCRIBE is not answered. Used on that loop only; no method
 * blocks.
 *
 * <p>A CONNECT that waits costs its socket, which is open anyway, and an entry in this queue. A
 * CONNECT that is refused costs a new connection, and its client's back-off grows. So a CONNECT
 * waits, for {@code admission.waitMillis} at most. {@link Admission} bounds how many CONNECTs of
 * all loops wait.
 *
 * <p>While a CONNECT waits, the loop asks for permits every {@value #PERIOD_MILLIS} ms, and when a
 * permit of the loop has ended. One run admits or refuses at most {@value #CONNECTS_PER_RUN_MAX}
 * CONNECTs; then the loop serves its other connections again. So a busy loop, whose runs are late,
 * admits fewer CONNECTs. But each CONNECT that arrives also serves the one that waits longest: a
 * loop that is busy only with refusing CONNECTs would otherwise admit next to none.
 *
 * <p>How late the periodic runs are is the delay of the event loop that {@link Admission} adapts
 * to.
 */
public final class AdmissionQueue {

  private static final Logger log = LoggerFactory.getLogger(AdmissionQueue.class);

  private static final int PERIOD_MILLIS = 5;
  private static final int CONNECTS_PER_RUN_MAX = 32;

  /**
   * One CONNECT that was not answered yet. The queue calls one of the two methods, at most once, on
   * its event loop. It calls neither of them after {@link #leave}.
   */
  public interface PendingConnect {
    /** The session may be claimed. The callee has to {@link Permit#end} the permit. */
    void admit(Permit permit);

    /** The client has to connect again later. */
    void refuse(Refused reason);
  }

  private final Admission admission;
  private final Admission.Share share;
  private final EventLoop eventLoop;

  /** Each CONNECT with its time of arrival, in nanoseconds of the admission's clock. */
  private final SequencedMap<PendingConnect, Long> waiting = new LinkedHashMap<>();

  /** The permit of each connection whose SUBSCRIBE or UNSUBSCRIBE is not answered. */
  private final Map<Object, Permit> subscribing = new HashMap<>();

  /** Why the admission gave no permit when it was last asked. */
  private Refused lastRefused = Refused.IN_FLIGHT;

  private boolean runScheduled;
  private long runDueNanos;

  /** A run is in the loop's queue because a permit has ended. */
  private final AtomicBoolean woken = new AtomicBoolean();

  /** Whether a CONNECT waits; read by the threads on which permits end. */
  private volatile boolean waits;

  /** The empty queue of {@code eventLoop}. */
  public AdmissionQueue(Admission admission, EventLoop eventLoop) {
    this.admission = admission;
    this.share = admission.share(this::permitEnded);
    this.eventLoop = eventLoop;
  }

  /**
   * Admits or refuses {@code connect}: at once, or later when it is the first in the queue. A
   * CONNECT that arrives while other CONNECTs wait is queued behind them, even if a permit is free:
   * the first of them gets that permit.
   */
  public void enter(PendingConnect connect) {
    if (!waiting.isEmpty()) {
      serve(1);
      await(connect);
      return;
    }
    switch (share.ask()) {
      case Permit permit -> connect.admit(permit);
      case Refused refused -> {
        lastRefused = refused;
        await(connect);
      }
    }
  }

  /** Removes {@code connect}, whose connection has ended. No effect if it does not wait. */
  public void leave(PendingConnect connect) {
    if (waiting.remove(connect) != null) {
      admission.releasePlace();
      lengthChanged();
    }
  }

  /** Redis has replied to a claim, or the claim has failed, after {@code nanos}. Any thread. */
  public void claimed(long nanos) {
    admission.measured(Part.CLAIM, nanos);
  }

  /**
   * Counts {@code connection} as in flight, since its client has sent SUBSCRIBE or UNSUBSCRIBE.
   * Further calls have no effect until {@link #subscribed}.
   */
  public void subscribing(Object connection) {
    subscribing.computeIfAbsent(connection, added -> share.count());
  }

  /** Every SUBSCRIBE and UNSUBSCRIBE of {@code connection} is answered, or the connection ended. */
  public void subscribed(Object connection) {
    Permit permit = subscribing.remove(connection);
    if (permit != null) {
      permit.end();
    }
  }

  private void await(PendingConnect connect) {
    if (!admission.tryReservePlace(lastRefused)) {
      refuse(connect);
      return;
    }
    waiting.put(connect, admission.nowNanos());
    lengthChanged();
    scheduleRun();
  }

  private void lengthChanged() {
    waits = !waiting.isEmpty();
    share.waits(waits);
  }

  /** A permit of this loop has ended. Any thread. */
  private void permitEnded() {
    if (waits && woken.compareAndSet(false, true)) {
      try {
        eventLoop.execute(this::serveWoken);
      } catch (RejectedExecutionException e) {
        log.debug("event loop has ended");
      }
    }
  }

  private void serveWoken() {
    woken.set(false);
    serve(CONNECTS_PER_RUN_MAX);
  }

  private void scheduleRun() {
    if (!runScheduled) {
      runScheduled = true;
      runDueNanos = admission.nowNanos() + TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
      var _ = eventLoop.schedule(this::run, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void run() {
    runScheduled = false;
    admission.measured(Part.EVENT_LOOP, admission.nowNanos() - runDueNanos);
    serve(CONNECTS_PER_RUN_MAX);
    if (!waiting.isEmpty()) {
      scheduleRun();
    }
  }

  /** Admits or refuses those that wait longest, {@code max} at most. */
  private void serve(int max) {
    try {
      for (int i = 0; i < max && !waiting.isEmpty(); i++) {
        if (!serveFirst()) {
          break;
        }
      }
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      // The CONNECTs behind the failed one are served by the next run.
      log.error("CONNECT that waited failed", e);
    }
  }

  /** Admits or refuses the CONNECT that waits longest. False if it has to wait on. */
  private boolean serveFirst() {
    Map.Entry<PendingConnect, Long> first = waiting.firstEntry();
    PendingConnect connect = first.getKey();
    return switch (share.ask()) {
      case Permit permit -> {
        leave(connect);
        connect.admit(permit);
        yield true;
      }
      case Refused refused -> {
        lastRefused = refused;
        boolean tooLong = admission.hasWaitedTooLong(first.getValue());
        if (tooLong) {
          leave(connect);
          refuse(connect);
        }
        yield tooLong;
      }
    };
  }

  private void refuse(PendingConnect connect) {
    admission.refused(lastRefused);
    connect.refuse(lastRefused);
  }
}
