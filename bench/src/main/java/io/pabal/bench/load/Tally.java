// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The counts of the clients of one loop. Used on the loop, and read after the loop has ended. */
final class Tally {

  static final int EXAMPLES_MAX = 20;

  private static final long LATENCY_NANOS_MAX = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;

  final Histogram latencyNanos = new Histogram(LATENCY_NANOS_MAX, DIGITS);

  /** All deliveries. */
  long delivered;

  /** Deliveries in the measured time. */
  long measured;

  /** The longest delay between the intended and the actual time of sending. */
  long lagNanosMax;

  /** Connections that ended without being asked to. */
  int dropped;

  /** CONNECT and SUBSCRIBE packets that the server refused. */
  int refused;

  /** Attempts to connect that got no answer. */
  int unanswered;

  /** PUBLISH packets that the server refused. */
  int publishesRefused;

  /** Messages at a session that had not subscribed to their address. */
  int misrouted;

  int pings;
  int pongs;

  /** The first things that went wrong, in words. */
  final List<String> examples = new ArrayList<>();

  private long fromNanos = Long.MAX_VALUE;
  private long toNanos = Long.MAX_VALUE;

  /** Sets the measured time, by {@link System#nanoTime}. */
  void measure(long from, long to) {
    fromNanos = from;
    toNanos = to;
  }

  void deliver(long intendedNanos, long nowNanos) {
    delivered++;
    if (nowNanos >= fromNanos && nowNanos < toNanos) {
      measured++;
    }
    if (intendedNanos >= fromNanos && intendedNanos < toNanos) {
      latencyNanos.recordValue(Math.clamp(nowNanos - intendedNanos, 0, LATENCY_NANOS_MAX));
    }
  }

  void example(String what) {
    if (examples.size() < EXAMPLES_MAX) {
      examples.add(what);
    }
  }

  /** Adds what another loop counted. */
  void add(Tally other) {
    latencyNanos.add(other.latencyNanos);
    delivered += other.delivered;
    measured += other.measured;
    lagNanosMax = Math.max(lagNanosMax, other.lagNanosMax);
    dropped += other.dropped;
    refused += other.refused;
    unanswered += other.unanswered;
    publishesRefused += other.publishesRefused;
    misrouted += other.misrouted;
    pings += other.pings;
    pongs += other.pongs;
    other.examples.forEach(this::example);
  }
}
