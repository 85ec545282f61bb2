// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The brokers' time. All code that compares a time with a record's timestamp, or with a time that
 * another process wrote, uses the brokers' time. A process has one, as it has one system clock.
 *
 * <p>A {@link BrokerClock} sets it. Between the readings the time advances by the monotonic clock.
 * A system clock that is wrong, or that is set while the process runs, can therefore not make a
 * message expire, keep it for too short a time, or make it seem old. Without a reading the brokers'
 * time is the system clock.
 *
 * <p>Thread-safe; as cheap as {@link System#currentTimeMillis}.
 */
public final class BrokerTime {

  /** The brokers' time was {@code millis} when the monotonic clock was {@code nanos}. */
  private record Reading(long millis, long nanos) {
    long at(long someNanos) {
      return millis + TimeUnit.NANOSECONDS.toMillis(someNanos - nanos);
    }
  }

  private static volatile @Nullable Reading last;

  private BrokerTime() {}

  /** Milliseconds since 1970. */
  public static long millis() {
    Reading reading = last;
    return reading == null ? System.currentTimeMillis() : reading.at(System.nanoTime());
  }

  /** The brokers' time as an instant. */
  public static Instant now() {
    return Instant.ofEpochMilli(millis());
  }

  /** The milliseconds by which the brokers' time is ahead of this machine's clock. */
  public static long aheadMillis() {
    return last == null ? 0 : millis() - System.currentTimeMillis();
  }

  /** The brokers' time as a clock, in UTC. */
  public static Clock clock() {
    return BrokerTimeClock.INSTANCE;
  }

  /**
   * Takes a reading: the brokers' time was {@code millis} at some moment between {@code sentNanos}
   * and {@code answeredNanos}. The time changes only as far as the reading contradicts it, so that
   * the delays of replies do not move it back and forth.
   */
  static synchronized void read(long millis, long sentNanos, long answeredNanos) {
    Reading before = last;
    if (before == null) {
      last = new Reading(millis, sentNanos + (answeredNanos - sentNanos) / 2);
    } else if (millis < before.at(sentNanos)) {
      last = new Reading(millis, sentNanos);
    } else if (millis > before.at(answeredNanos)) {
      last = new Reading(millis, answeredNanos);
    }
  }

  /** Drops the reading: the brokers' time is the system clock again. */
  static synchronized void forget() {
    last = null;
  }

  private static final class BrokerTimeClock extends Clock {
    static final BrokerTimeClock INSTANCE = new BrokerTimeClock();

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now();
    }
  }
}
