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
 * Decides at each CONNECT whether its session may be claimed now, so that the sessions that are
 * live keep their latency while many others come back. Any thread; never blocks, takes no lock.
 *
 * <p>A session that returns costs a claim in Redis, a location for each address that is new here
 * and the router's answer, and the pages of the timelines that it missed. From CONNECT until none
 * of these is under way it is <em>in flight</em>; how many may be, and how many may begin a second,
 * is bounded. One that only waits for its own client, which does not read or acknowledge, costs
 * nothing, and is not in flight any more.
 *
 * <p>A permit counts for {@value #PERMIT_SECONDS_MAX} s at most. When the router does not answer,
 * sessions without new addresses can still be served, so what does not come to an end must not keep
 * everybody out for good.
 */
public final class Admission {

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private static final int PERMIT_SECONDS_MAX = 10;

  /** What a waiting connection costs is what a live one costs, and nobody pays for it yet. */
  private static final int WAITING_MAX = 10_000;

  /** A tenth of what a second allows may come at once. */
  private static final int BURSTS_PER_SECOND = 10;

  private static final long MILLIS_PER_SECOND = 1_000;

  /** The answer to a CONNECT. */
  public sealed interface Answer permits Permit, Refused {}

  /** Not now. */
  public enum Refused implements Answer {
    /** Too many came within the last second. */
    RATE,
    /** Too many are in flight. */
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

  /** In the order in which they were given, at most {@value #PERMIT_SECONDS_MAX} seconds' worth. */
  private final Queue<Permit> given = new ConcurrentLinkedQueue<>();

  /**
   * An admission with nothing in flight.
   *
   * @param backlogged whether so much waits for Kafka that nobody should be let in
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

  /** Asks for a permit, which the caller has to {@link Permit#end}. */
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

  /** Counts a CONNECT that was turned away. */
  public void turnedAway(Refused reason) {
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

  /** Binds how many sessions are in flight. */
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

  /** Sessions in flight. */
  public int inFlight() {
    return inFlight.get();
  }

  /** CONNECTs that wait for their turn. */
  public int waiting() {
    return waiting.get();
  }

  /**
   * Takes a place to wait in, if there is one: as many wait as could come in while one of them may
   * wait, {@value #WAITING_MAX} at most. Nobody waits for Kafka, which may take its time. The
   * caller has to give the place back ({@link #waitsNoMore}).
   */
  boolean mayWait(Refused reason) {
    return reason != Refused.BACKLOG && reserve(waiting, waitingMax);
  }

  /** Gives back a place to wait in. */
  void waitsNoMore() {
    waiting.decrementAndGet();
  }

  /** Whether one that has waited since {@code sinceNanos} may not wait any longer. */
  boolean hasWaitedTooLong(long sinceNanos) {
    return nowNanos() - sinceNanos >= waitNanos;
  }

  /** What its clock says. */
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

  /** One session in flight. */
  public final class Permit implements Answer {

    private final long givenNanos;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Permit(long givenNanos) {
      this.givenNanos = givenNanos;
    }

    /** The session is not in flight any more. More calls change nothing. */
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
