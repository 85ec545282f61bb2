// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the sessions in flight, and decides how many there may be: as many as the {@linkplain Part
 * parts} take without becoming slow. Any thread; never blocks.
 *
 * <p>Each part may take {@link #TOLERANCE} times its undisturbed delay, and a configured time more.
 * At the end of each window of {@value #WINDOW_MILLIS} ms the slowest part decides:
 *
 * <ul>
 *   <li>When every part is within its time, the limit grows by its square root, but only if a
 *       CONNECT was held back by it and claims were answered. A limit that nobody reaches would
 *       grow without any evidence.
 *   <li>When a part takes longer, the limit shrinks in the proportion in which it does, by a fifth
 *       at most; the square root is added here, too. So the limit comes to rest where the slowest
 *       part takes little more than it may.
 * </ul>
 *
 * <p>The undisturbed delay is measured in quiet windows, in which at most {@value #QUIET_FACTOR}
 * times as many sessions are in flight as the least limit allows. When there has been no quiet
 * window for {@value #QUIET_AGE_MAX_SECONDS} s, the limit falls to the least one for a moment: so a
 * machine that is slow for another reason, such as code that is not compiled yet, is not taken for
 * one that has too many sessions in flight.
 *
 * <p>The limit stays within its bounds, whatever the parts do. A part that answers nothing has no
 * delay in that window and does not shrink the limit. The sessions that wait for it are in flight,
 * so no further sessions are admitted until it answers or their permits run out.
 */
final class AdaptiveLimit {

  static final int WINDOW_MILLIS = 50;
  static final int QUIET_AGE_MAX_SECONDS = 5;

  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(WINDOW_MILLIS);
  private static final long QUIET_AGE_MAX_NANOS = TimeUnit.SECONDS.toNanos(QUIET_AGE_MAX_SECONDS);
  private static final double TOLERANCE = 2;

  /** One slow window may be chance; several in a row shrink the limit to a third. */
  private static final double SHRINK_MIN = 0.8;

  /** The limit begins at so many times its lower bound, or at its upper bound. */
  private static final int BEGIN_FACTOR = 4;

  /** A SUBSCRIBE is in flight whatever the limit, so there are more than the limit allows. */
  private static final int QUIET_FACTOR = 3;

  /** The most windows for which the limit falls to the least one to measure. */
  private static final int PROBE_WINDOWS_MAX = 10;

  private final int min;
  private final int max;
  private final double allowanceNanos;
  private final PartDelay claims = new PartDelay();
  private final PartDelay activations = new PartDelay();
  private final PartDelay eventLoops = new PartDelay();
  private final List<PartDelay> delays = List.of(claims, activations, eventLoops);
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicBoolean ending = new AtomicBoolean();
  private volatile double limit;
  private volatile long windowBeginNanos;

  /** Whether a CONNECT was held back in this window. */
  private volatile boolean reached;

  /** The most sessions in flight in this window, roughly. */
  private volatile int most;

  private long quietNanos;
  private int probeWindowsLeft;

  /** The limit that comes back after the probe. */
  private double limitBefore;

  /**
   * A limit with no session in flight.
   *
   * @param allowanceNanos what each part may take longer than {@link #TOLERANCE} times its
   *     undisturbed delay
   */
  AdaptiveLimit(int min, int max, long allowanceNanos, long nowNanos) {
    this.min = min;
    this.max = max;
    this.allowanceNanos = allowanceNanos;
    this.limit = Math.min(max, (double) min * BEGIN_FACTOR);
    this.windowBeginNanos = nowNanos;
    this.quietNanos = nowNanos - QUIET_AGE_MAX_NANOS;
  }

  /** The limit in force. */
  int current() {
    return (int) limit;
  }

  /** Number of sessions in flight. */
  int inFlight() {
    return inFlight.get();
  }

  /** Counts one more session; false, without any effect, when as many are in flight as may be. */
  boolean tryEnter() {
    int allowed = current();
    int before = inFlight.getAndUpdate(now -> now < allowed ? now + 1 : now);
    if (before >= allowed) {
      reached();
      return false;
    }
    entered(before + 1);
    return true;
  }

  /** Counts one more session, whatever the limit. */
  void enter() {
    entered(inFlight.incrementAndGet());
  }

  /** One session is not in flight any more; called once for each that entered. */
  void leave() {
    inFlight.decrementAndGet();
  }

  /** A CONNECT was held back because of the limit. */
  void reached() {
    if (!reached) {
      reached = true;
    }
  }

  private void entered(int now) {
    if (now > most) {
      most = now;
    }
  }

  /** The delay of {@code part}. */
  PartDelay delay(Part part) {
    return switch (part) {
      case CLAIM -> claims;
      case ACTIVATION -> activations;
      case EVENT_LOOP -> eventLoops;
    };
  }

  /** Ends the window if it is over, and sets the limit for the next one. */
  void update(long nowNanos) {
    if (nowNanos - windowBeginNanos < WINDOW_NANOS || !ending.compareAndSet(false, true)) {
      return;
    }
    try {
      windowBeginNanos = nowNanos;
      endWindow(nowNanos);
    } finally {
      ending.set(false);
    }
  }

  private void endWindow(long nowNanos) {
    boolean wasReached = reached;
    boolean quiet = most <= QUIET_FACTOR * min;
    reached = false;
    double slowness = 0;
    boolean claimed = false;
    for (PartDelay delay : delays) {
      if (delay.endWindow(quiet)) {
        slowness = Math.max(slowness, slowness(delay));
        claimed |= delay == claims;
      }
    }
    most = inFlight.get();
    if (quiet && claimed) {
      quietNanos = nowNanos;
    }
    if (probeWindowsLeft > 0) {
      if (--probeWindowsLeft == 0 || (quiet && claimed)) {
        probeWindowsLeft = 0;
        quietNanos = nowNanos;
        limit = limitBefore;
      }
    } else if (wasReached && nowNanos - quietNanos >= QUIET_AGE_MAX_NANOS) {
      probeWindowsLeft = PROBE_WINDOWS_MAX;
      limitBefore = limit;
      limit = min;
    } else if (slowness > 1 || (wasReached && claimed)) {
      double next = limit * Math.clamp(1 / slowness, SHRINK_MIN, 1) + Math.sqrt(limit);
      limit = Math.clamp(wasReached ? next : Math.min(next, limit), min, max);
    }
  }

  /** How long a part takes in relation to what it may take. */
  private double slowness(PartDelay delay) {
    return delay.recentNanos() / (TOLERANCE * delay.undisturbedNanos() + allowanceNanos);
  }
}
