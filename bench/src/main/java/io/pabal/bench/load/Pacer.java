// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.netty.util.concurrent.Future;
import io.pabal.bench.mqtt.ClientLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the publishers of one loop send at a fixed rate, in turn, however fast the server is. A
 * message that cannot be sent at its time keeps that time, and its latency counts from it. Runs on
 * the loop.
 */
final class Pacer {

  /** The shortest time between two wake-ups; this bound delays a message by at most as much. */
  static final long TICK_NANOS_MIN = 100_000;

  private final List<LoadPublisher> senders;
  private final long startNanos;
  private final long endNanos;
  private final double intervalNanos;
  private long released;
  private @Nullable Future<?> ticking;

  Pacer(List<LoadPublisher> senders, double messagesPerSecond, long startNanos, long endNanos) {
    this.senders = senders;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
    this.intervalNanos = 1e9 / messagesPerSecond;
  }

  void start(ClientLoop loop) {
    for (int i = 0; i < senders.size(); i++) {
      senders.get(i).start(new Turns(i));
    }
    ticking = loop.every(Math.max(TICK_NANOS_MIN, (long) intervalNanos), this::tick);
  }

  private void tick() {
    long nowNanos = System.nanoTime();
    for (long due = intendedNanos(released); due - nowNanos <= 0; due = intendedNanos(released)) {
      if (due - endNanos >= 0) {
        if (ticking != null) {
          ticking.cancel(false);
        }
        return;
      }
      LoadPublisher sender = senders.get((int) (released % senders.size()));
      released++;
      sender.more();
    }
  }

  /** How many messages are due from start to end, sent or not. */
  long total() {
    return (long) Math.ceil((endNanos - startNanos) / intervalNanos);
  }

  private long intendedNanos(long message) {
    return startNanos + (long) (message * intervalNanos);
  }

  /** The schedule of one publisher: every n-th message, where n is the number of publishers. */
  private final class Turns implements Schedule {

    private final int first;

    Turns(int first) {
      this.first = first;
    }

    @Override
    public long intendedNanos(long number) {
      long message = number * senders.size() + first;
      return message < released ? Pacer.this.intendedNanos(message) : NOT_NOW;
    }

    @Override
    public boolean isOver(long number) {
      return Pacer.this.intendedNanos(number * senders.size() + first) - endNanos >= 0;
    }
  }
}
