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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides at each CONNECT whether its session may be claimed now. So live sessions keep their
 * latency while many other sessions come. Any thread; never blocks, takes no lock.
 *
 * <p>A session that comes costs a claim in Redis, a location and an answer of the router for each
 * address that is new on this connector, and the timeline pages that the session missed. From its
 * CONNECT until none of these is under way, the session is <em>in flight</em>; it is in flight
 * again while a SUBSCRIBE or UNSUBSCRIBE of its client is not answered. A session that only waits
 * for its own client to read or to acknowledge costs nothing and is not in flight any more.
 *
 * <p>An {@link AdaptiveLimit} bounds the sessions in flight. A SUBSCRIBE is never held back, but it
 * counts: while many are under way, fewer CONNECTs are admitted. A configured rate may bound the
 * sessions that are admitted per second, too.
 *
 * <p>Each event loop has a {@link Share} of the sessions in flight. While several loops have
 * CONNECTs that wait, none of them gets more than its part, so none of them starves.
 *
 * <p>A permit counts for {@value #PERMIT_SECONDS_MAX} s at most. When the router does not answer,
 * sessions without new addresses can still be served, so permits that do not end must not keep
 * these sessions out for good.
 */
public final class Admission {

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private static final int PERMIT_SECONDS_MAX = 10;

  /** A waiting connection costs as much as a live one, but serves no session yet. */
  private static final int WAITING_MAX = 20_000;

  /** A tenth of the sessions of one second may be admitted at once. */
  private static final int BURSTS_PER_SECOND = 10;

  private static final long MILLIS_PER_SECOND = 1_000;
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The answer to a CONNECT. */
  public sealed interface Answer permits Permit, Refused {}

  /** Why no permit is given now. */
  public enum Refused implements Answer {
    /** As many sessions were admitted lately as the configured rate allows. */
    RATE,
    /** As many sessions are in flight as may be. */
    IN_FLIGHT,
    /** Too much waits to be written to Kafka. */
    BACKLOG
  }

  private final AdaptiveLimit limit;
  private final long waitNanos;
  private final int waitingMax;
  private final @Nullable RateLimit rate;
  private final RateLimit logLines;
  private final BooleanSupplier backlogged;
  private final ConnectorMetrics metrics;
  private final LongSupplier nanoTime;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger loopsWaiting = new AtomicInteger();

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
    long nowNanos = nanoTime.getAsLong();
    int perSecond = config.resumesPerSecondMax();
    var bounds = config.inFlight();
    this.limit =
        new AdaptiveLimit(bounds.min(), bounds.max(), bounds.delayAllowance().toNanos(), nowNanos);
    this.waitNanos = config.waitMax().toNanos();
    this.waitingMax =
        perSecond == 0
            ? WAITING_MAX
            : (int)
                Math.min(WAITING_MAX, perSecond * config.waitMax().toMillis() / MILLIS_PER_SECOND);
    this.rate =
        perSecond == 0
            ? null
            : new RateLimit(perSecond, Math.max(1, perSecond / BURSTS_PER_SECOND), nowNanos);
    this.logLines = new RateLimit(1, 1, nowNanos);
    this.backlogged = backlogged;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
  }

  /**
   * The share of one event loop.
   *
   * @param onEnd called by any thread whenever a permit of the share has ended; must not block
   */
  Share share(Runnable onEnd) {
    return new Share(onEnd);
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
          "clients refused for now reason={} inFlight={} limit={} waiting={} overRate={} overInFlight={} overBacklog={}",
          reason,
          limit.inFlight(),
          limit.current(),
          waiting.get(),
          metrics.connectsOverRate,
          metrics.connectsOverInFlight,
          metrics.connectsOverBacklog);
    }
  }

  /** Records how long {@code part} took for one session or task. Any thread. */
  public void measured(Part part, long nanos) {
    limit.delay(part).record(nanos);
  }

  /** Binds the gauges of sessions in flight and of CONNECTs that wait, and the delays. */
  public void bindTo(Meters meters) {
    meters.gauge("pabal.connector.resumes.in.flight", "Sessions on their way in", limit::inFlight);
    meters.gauge(
        "pabal.connector.resumes.in.flight.max",
        "Sessions that may be on their way in now; it follows from the delays of the parts",
        limit::current);
    meters.gauge(
        "pabal.connector.resumes.waiting", "CONNECTs that wait for their turn", waiting::get);
    meters.gauge(
        "pabal.connector.resumes.waiting.max",
        "CONNECTs that may wait before further ones are turned away",
        () -> waitingMax);
    for (Part part : Part.values()) {
      PartDelay delay = limit.delay(part);
      Meters ofPart = meters.with("stage", part.label());
      ofPart.delays(
          "pabal.connector.admission.delay.seconds",
          "Time that one stage of the way in took",
          delay.histogram());
      ofPart.gauge(
          "pabal.connector.admission.delay.recent.seconds",
          "Mean time that the stage takes now",
          () -> delay.recentNanos() / NANOS_PER_SECOND);
      ofPart.gauge(
          "pabal.connector.admission.delay.undisturbed.seconds",
          "Mean time that the stage takes while few sessions come",
          () -> delay.undisturbedNanos() / NANOS_PER_SECOND);
    }
  }

  /** Number of sessions in flight. */
  public int inFlight() {
    return limit.inFlight();
  }

  /** Number of sessions that may be in flight now. */
  public int limit() {
    return limit.current();
  }

  /** Number of CONNECTs that wait for a permit, on all event loops. */
  public int waiting() {
    return waiting.get();
  }

  /**
   * Reserves a place for one CONNECT that waits; false when there is none. There are {@value
   * #WAITING_MAX} places, or with a configured rate as many as it admits within the longest wait,
   * if these are fewer. No CONNECT waits for Kafka, which may be away for long. The caller has to
   * {@link #releasePlace}.
   */
  boolean tryReservePlace(Refused reason) {
    return reason != Refused.BACKLOG && waitNanos > 0 && reserve(waiting, waitingMax);
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
    return taken.getAndUpdate(now -> now < max ? now + 1 : now) < max;
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

  /**
   * The sessions in flight of one event loop. Used on that loop only; its permits may end on any
   * thread.
   */
  final class Share {

    private final Runnable onEnd;
    private final AtomicInteger taken = new AtomicInteger();
    private boolean waits;

    private Share(Runnable onEnd) {
      this.onEnd = onEnd;
    }

    /** Asks for a permit. The caller has to {@link Permit#end} a permit that it is given. */
    Answer ask() {
      long nowNanos = nanoTime.getAsLong();
      forgetEnded(nowNanos);
      limit.update(nowNanos);
      if (backlogged.getAsBoolean()) {
        return Refused.BACKLOG;
      }
      int loops = loopsWaiting.get() + (waits ? 0 : 1);
      if (taken.get() >= Math.ceilDiv(limit.current(), loops)) {
        limit.reached();
        return Refused.IN_FLIGHT;
      }
      if (!limit.tryEnter()) {
        return Refused.IN_FLIGHT;
      }
      if (rate != null && !rate.tryTake(nowNanos)) {
        limit.leave();
        return Refused.RATE;
      }
      return permit(nowNanos, true);
    }

    /** Counts a session that is in flight whatever the limit. The caller has to end the permit. */
    Permit count() {
      long nowNanos = nanoTime.getAsLong();
      forgetEnded(nowNanos);
      limit.enter();
      return permit(nowNanos, false);
    }

    /** Says whether CONNECTs of this loop wait. */
    void waits(boolean now) {
      if (waits != now) {
        waits = now;
        loopsWaiting.addAndGet(now ? 1 : -1);
      }
    }

    private Permit permit(long nowNanos, boolean resumes) {
      taken.incrementAndGet();
      Permit permit = new Permit(this, nowNanos, resumes);
      given.add(permit);
      return permit;
    }
  }

  /** Counts one session as in flight until it ends or expires. Any thread. */
  public final class Permit implements Answer {

    private final Share share;
    private final long givenNanos;
    private final boolean resumes;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Permit(Share share, long givenNanos, boolean resumes) {
      this.share = share;
      this.givenNanos = givenNanos;
      this.resumes = resumes;
    }

    /** Ends the permit: the session is not in flight any more. Further calls have no effect. */
    public void end() {
      if (ended.compareAndSet(false, true)) {
        share.taken.decrementAndGet();
        limit.leave();
        if (resumes) {
          metrics.resumeDelay.record(nanoTime.getAsLong() - givenNanos);
        }
        share.onEnd.run();
      }
    }

    private boolean isOver(long nowNanos) {
      return ended.get() || nowNanos - givenNanos >= TimeUnit.SECONDS.toNanos(PERMIT_SECONDS_MAX);
    }
  }
}
