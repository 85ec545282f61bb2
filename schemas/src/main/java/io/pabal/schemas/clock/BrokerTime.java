// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The brokers' time: what everything that is compared with a record's timestamp, or with what
 * another process wrote, goes by. A process has one, as it has one system clock.
 *
 * <p>A {@link BrokerClock} sets it; between its readings the time advances by the monotonic clock.
 * So neither a system clock that is wrong nor one that is set while the process runs can let a
 * message expire, be kept too short or be taken for old. Without a reading it is the system clock.
 *
 * <p>Any thread; as cheap as {@link System#currentTimeMillis}.
 */
public final class BrokerTime {

  /** It was {@code millis} at {@code nanos} of the monotonic clock. */
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

  /** The same as an instant. */
  public static Instant now() {
    return Instant.ofEpochMilli(millis());
  }

  /** By how much it is ahead of this machine's clock. */
  public static long aheadMillis() {
    return last == null ? 0 : millis() - System.currentTimeMillis();
  }

  /** The same as a clock. */
  public static Clock clock() {
    return BrokerTimeClock.INSTANCE;
  }

  /**
   * Takes a reading: it was {@code millis} at some moment between {@code sentNanos} and {@code
   * answeredNanos}. The time is changed only as far as the reading contradicts it, so that the
   * delay of an answer does not move it to and fro.
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

  /** Goes by the system clock again. */
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
