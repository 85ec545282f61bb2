// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import io.pabal.chaos.history.HistoryWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A client with a persistent session that subscribes to some addresses, reconnects to a random
 * connector whenever its connection ends, and follows a {@link Habit}. Runs on a thread of its own
 * until {@link #stop} is called.
 */
final class ChaosSubscriber implements Runnable {

  private static final int BACKOFF_MAX_MILLIS = 1_500;
  private static final int POLL_MILLIS = 200;
  private static final int HABIT_MIN_MILLIS = 8_000;
  private static final int HABIT_MAX_MILLIS = 40_000;
  private static final int AWAY_MAX_MILLIS = 25_000;

  /**
   * The shortest time between UNSUBACK and SUBSCRIBE. By then, the messages that arrived before the
   * UNSUBACK must be in the history.
   */
  private static final int UNSUBSCRIBED_MIN_MILLIS = 3_000;

  private static final int UNSUBSCRIBED_MAX_MILLIS = 8_000;
  private static final List<Integer> RECEIVE_MAXIMA = List.of(8, 64, 1_000);

  /** A connector's name and its port on 127.0.0.1. */
  record Connector(String name, int port) {}

  private final String clientId;
  private final boolean mqtt5;
  private final List<String> addresses;
  private final Habit habit;
  private final int receiveMax;
  private final List<Connector> connectors;
  private final HistoryWriter history;
  private final Random random;

  private final Set<String> subscribed = new HashSet<>();
  private final List<SubscriberConnection> connections = new ArrayList<>();
  private int connectionCount;
  private boolean cleanStart;
  private long habitAtNanos;
  private volatile boolean settling;
  private volatile boolean stopped;
  private volatile boolean settled;

  ChaosSubscriber(
      int number,
      Habit habit,
      List<String> addresses,
      List<Connector> connectors,
      HistoryWriter history,
      Random random) {
    this.clientId = "subscriber-" + number;
    this.habit = habit;
    this.addresses = addresses;
    this.connectors = connectors;
    this.history = history;
    this.random = random;
    // An MQTT 3.1.1 client that asks for a new session (CleanSession=1) cannot keep the session.
    this.mqtt5 = habit == Habit.CLEAN_START || random.nextInt(3) > 0;
    this.receiveMax = RECEIVE_MAXIMA.get(random.nextInt(RECEIVE_MAXIMA.size()));
  }

  /** Stops following the habit: from now on the client only stays connected. */
  void settle() {
    settling = true;
  }

  /** Stops the client and closes its connections soon; does not wait. */
  void stop() {
    stopped = true;
  }

  /** Whether the client is connected and has all its subscriptions. */
  boolean isSettled() {
    return settled;
  }

  @Override
  public void run() {
    try {
      while (!stopped) {
        Connector connector = connectors.get(random.nextInt(connectors.size()));
        SubscriberConnection connection = connect(connector);
        if (connection.open(connector.name(), cleanStart)) {
          if (!connection.sessionPresent()) {
            subscribed.clear();
          }
          cleanStart = false;
          useUntilEnd(connection);
        } else {
          connection.close();
          Thread.sleep(random.nextInt(BACKOFF_MAX_MILLIS));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.forEach(SubscriberConnection::close);
    }
  }

  private SubscriberConnection connect(Connector connector) {
    connections.removeIf(earlier -> !earlier.isOpen());
    SubscriberConnection connection =
        new SubscriberConnection(
            history,
            ++connectionCount,
            mqtt5,
            new Link.Options(
                connector.port(), clientId, true, cleanStart, 4 + random.nextInt(20), receiveMax));
    connections.add(connection);
    return connection;
  }

  private void useUntilEnd(SubscriberConnection connection) throws InterruptedException {
    habitAtNanos = randomNanosIn(HABIT_MIN_MILLIS, HABIT_MAX_MILLIS);
    while (!stopped && connection.isOpen()) {
      settled = subscribeMissing(connection);
      connection.awaitClosed(POLL_MILLIS);
      if (settled && !settling && System.nanoTime() > habitAtNanos && connection.isOpen()) {
        habitAtNanos = randomNanosIn(HABIT_MIN_MILLIS, HABIT_MAX_MILLIS);
        if (followHabit(connection)) {
          break;
        }
      }
    }
    settled = false;
  }

  private boolean subscribeMissing(SubscriberConnection connection) throws InterruptedException {
    for (String address : addresses) {
      if (!subscribed.contains(address)) {
        if (!connection.subscribe(address)) {
          connection.awaitClosed(random.nextInt(BACKOFF_MAX_MILLIS));
          return false;
        }
        subscribed.add(address);
      }
    }
    return true;
  }

  /** Follows the habit once. Returns whether the client must open another connection. */
  private boolean followHabit(SubscriberConnection connection) throws InterruptedException {
    return switch (habit) {
      case STAY -> false;
      case LEAVE -> {
        connection.close();
        stayAway(random.nextInt(AWAY_MAX_MILLIS));
        yield true;
      }
      case TAKE_OVER -> true;
      case CLEAN_START -> {
        connection.close();
        cleanStart = true;
        yield true;
      }
      case RESUBSCRIBE -> {
        resubscribe(connection, addresses.get(random.nextInt(addresses.size())));
        yield false;
      }
    };
  }

  /**
   * Unsubscribes, and waits for a while after the UNSUBACK. Without an UNSUBACK, it is unknown
   * whether the subscription still exists; the next SUBSCRIBE resolves this.
   */
  private void resubscribe(SubscriberConnection connection, String address)
      throws InterruptedException {
    subscribed.remove(address);
    if (connection.unsubscribe(address)) {
      connection.awaitClosed(random.nextInt(UNSUBSCRIBED_MIN_MILLIS, UNSUBSCRIBED_MAX_MILLIS));
    }
  }

  private void stayAway(long millis) throws InterruptedException {
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!settling && !stopped && System.nanoTime() < untilNanos) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** A random {@link System#nanoTime} between {@code minMillis} and {@code maxMillis} from now. */
  private long randomNanosIn(int minMillis, int maxMillis) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(minMillis, maxMillis));
  }
}
