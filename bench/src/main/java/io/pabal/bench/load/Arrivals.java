// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.mqtt.ClientLoop;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connects the clients of one loop, a bounded number at a time. A client whose attempt fails tries
 * again after a pause that grows with each of its failures. Runs on the loop; other threads read
 * the volatile and atomic fields only.
 */
final class Arrivals {

  private static final long PAUSE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  private final ClientLoop loop;
  private final int atOnceMax;
  private final int expected;
  private final Deque<Client> waiting;
  private final Map<Client, Long> pauses = new HashMap<>();
  private int connecting;
  private final AtomicInteger arrived = new AtomicInteger();
  private volatile long lastNanos;
  private volatile String lastTrouble = "";

  Arrivals(ClientLoop loop, Collection<? extends Client> clients, int atOnceMax) {
    this.loop = loop;
    this.atOnceMax = atOnceMax;
    this.expected = clients.size();
    this.waiting = new ArrayDeque<>(clients);
  }

  /** Begins. On any thread. */
  void start() {
    loop.execute(this::more);
  }

  private void more() {
    while (connecting < atOnceMax && !waiting.isEmpty()) {
      connecting++;
      waiting.remove().arrive(this);
    }
  }

  void arrived() {
    connecting--;
    lastNanos = System.nanoTime();
    arrived.incrementAndGet();
    more();
  }

  void again(Client client, String why) {
    connecting--;
    lastTrouble = why;
    long pause =
        pauses.merge(client, PAUSE_NANOS_MIN, (old, min) -> Math.min(PAUSE_NANOS_MAX, 2 * old));
    loop.after(
        ThreadLocalRandom.current().nextLong(pause / 2, pause),
        () -> {
          waiting.add(client);
          more();
        });
    more();
  }

  /** Whether all clients are ready. On any thread. */
  boolean isComplete() {
    return arrived.get() == expected;
  }

  /** How many clients are ready. On any thread. */
  int count() {
    return arrived.get();
  }

  /** When the newest client became ready, by {@link System#nanoTime}. On any thread. */
  long lastNanos() {
    return lastNanos;
  }

  /** Why the latest attempt that failed did so; empty if none has failed. On any thread. */
  String lastTrouble() {
    return lastTrouble;
  }
}
