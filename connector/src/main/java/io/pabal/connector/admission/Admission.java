// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.telemetry.Meters;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides at each CONNECT whether its session may be claimed now. So live sessions keep their
 * latency while many other sessions resume. Any thread; never blocks, takes no lock.
 *
 * <p>A session that resumes costs a claim in Redis, a location and an answer of the router for each
 * address that is new on this connector, and the timeline pages that the session missed. From its
 * CONNECT until none of these is under way, the session is <em>in flight</em>. Two numbers are
 * bounded: the sessions in flight, and the sessions that become so per second. A session that only
 * waits for its own client to read or to acknowledge costs nothing and is not in flight any more.
 *
 * <p>A permit counts for {@value #PERMIT_SECONDS_MAX} s at most. When the router does not answer,
 * sessions without new addresses can still be served, so permits that do not end must not keep
 * these sessions out for good.
 */
public final class Admission {

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private static final int PERMIT_SECONDS_MAX = 10;

  /** A waiting connection costs as much as a live one, but serves no session yet. */
  private static final int WAITING_MAX = 10_000;

  /** A tenth of the sessions of one second may be admitted at once. */
  private static final int BURSTS_PER_SECOND = 10;

  private static final long MILLIS_PER_SECOND = 1_000;

  /** The answer to a CONNECT. */
  public sealed interface Answer permits Permit, Refused {}

  /** Why no permit is given now. */
  public enum Refused implements Answer {
    /** As many sessions were admitted lately as the rate allows. */
    RATE,
    /** As many sessions are in flight as may be. */
    IN_FLIGHT,
    /** Too much waits to be written to Kafka. */
    BACKLOG
  }

  private final int inFlightMax;
  private final long waitNanos;
  private final int waitingMax;
  private final RateLimit rate;
  private final RateLimit logLines;
  private final BooleanSupplier backlogged;
  private final ConnectorMetrics metrics;
  private final LongSupplier nanoTime;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();

  /** Permits of the last {@value #PERMIT_SECONDS_MAX} s before the last ask, oldest first. */
  private final Queue<Permit> given = new ConcurrentLinkedQueue<>();

  /**
   * An admission with no session in flight.
   *
   * @param backlogged whether so much waits for Kafka that no client should be admitted; called by
   *     any thread, must not block
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public Admission(
      ConnectorConfig.Admission config,
      BooleanSupplier backlogged,
      ConnectorMetrics metrics,
      LongSupplier nanoTime) {
    int perSecond = config.resumesPerSecond();
    this.inFlightMax = config.resumesInFlight();
    this.waitNanos = config.waitMax().toNanos();
    this.waitingMax =
        (int) Math.min(WAITING_MAX, perSecond * config.waitMax().toMillis() / MILLIS_PER_SECOND);
    this.rate =
        new RateLimit(perSecond, Math.max(1, perSecond / BURSTS_PER_SECOND), nanoTime.getAsLong());
    this.logLines = new RateLimit(1, 1, nanoTime.getAsLong());
    this.backlogged = backlogged;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
  }

  /** Asks for a permit. The caller has to {@link Permit#end} a permit that it is given. */
  public Answer ask() {
    long nowNanos = nanoTime.getAsLong();
    forgetEnded(nowNanos);
    if (backlogged.getAsBoolean()) {
      return Refused.BACKLOG;
    }
    if (!reserve(inFlight, inFlightMax)) {
      return Refused.IN_FLIGHT;
    }
    if (!rate.tryTake(nowNanos)) {
      inFlight.decrementAndGet();
      return Refused.RATE;
    }
    Permit permit = new Permit(nowNanos);
    given.add(permit);
    return permit;
  }

  /** Counts a CONNECT that was refused, and logs one line per second at most. */
  public void refused(Refused reason) {
    switch (reason) {
      case RATE -> metrics.connectsOverRate.increment();
      case IN_FLIGHT -> metrics.connectsOverInFlight.increment();
      case BACKLOG -> metrics.connectsOverBacklog.increment();
    }
    if (logLines.tryTake(nanoTime.getAsLong())) {
      log.warn(
          "clients refused for now reason={} inFlight={} waiting={} overRate={} overInFlight={} overBacklog={}",
          reason,
          inFlight.get(),
          waiting.get(),
          metrics.connectsOverRate,
          metrics.connectsOverInFlight,
          metrics.connectsOverBacklog);
    }
  }

  /** Binds the gauges of sessions in flight and of CONNECTs that wait, each with its bound. */
  public void bindTo(Meters meters) {
    meters.gauge("pabal.connector.resumes.in.flight", "Sessions on their way in", inFlight::get);
    meters.gauge(
        "pabal.connector.resumes.in.flight.max",
        "Sessions that may be on their way in before further ones are turned away",
        () -> inFlightMax);
    meters.gauge(
        "pabal.connector.resumes.waiting", "CONNECTs that wait for their turn", waiting::get);
    meters.gauge(
        "pabal.connector.resumes.waiting.max",
        "CONNECTs that may wait before further ones are turned away",
        () -> waitingMax);
  }

  /** Number of sessions in flight. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Number of CONNECTs that wait for a permit, on all event loops. */
  public int waiting() {
    return waiting.get();
  }

  /**
   * Reserves a place for one CONNECT that waits; false when there is none. There are as many places
   * as sessions that the rate admits within the longest wait, {@value #WAITING_MAX} at most. No
   * CONNECT waits for Kafka, which may be away for long. The caller has to {@link #releasePlace}.
   */
  boolean tryReservePlace(Refused reason) {
    return reason != Refused.BACKLOG && reserve(waiting, waitingMax);
  }

  /** Gives back a place that {@link #tryReservePlace} reserved; called once for each. */
  void releasePlace() {
    waiting.decrementAndGet();
  }

  /** Whether a CONNECT that has waited since {@code sinceNanos} may not wait any longer. */
  boolean hasWaitedTooLong(long sinceNanos) {
    return nowNanos() - sinceNanos >= waitNanos;
  }

  /** The time on the admission's clock, like {@link System#nanoTime}. */
  long nowNanos() {
    return nanoTime.getAsLong();
  }

  private static boolean reserve(AtomicInteger taken, int max) {
    return taken.getAndUpdate(now -> Math.min(now + 1, max)) < max;
  }

  private void forgetEnded(long nowNanos) {
    Permit oldest = given.peek();
    while (oldest != null && oldest.isOver(nowNanos)) {
      if (given.remove(oldest)) {
        oldest.end();
      }
      oldest = given.peek();
    }
  }

  /** Counts one session as in flight until it ends or expires. Any thread. */
  public final class Permit implements Answer {

    private final long givenNanos;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Permit(long givenNanos) {
      this.givenNanos = givenNanos;
    }

    /** Ends the permit: the session is not in flight any more. Further calls have no effect. */
    public void end() {
      if (ended.compareAndSet(false, true)) {
        inFlight.decrementAndGet();
        metrics.resumeDelay.record(nanoTime.getAsLong() - givenNanos);
      }
    }

    private boolean isOver(long nowNanos) {
      return ended.get() || nowNanos - givenNanos >= TimeUnit.SECONDS.toNanos(PERMIT_SECONDS_MAX);
    }
  }
}
