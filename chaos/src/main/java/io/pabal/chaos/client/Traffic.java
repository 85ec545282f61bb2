// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import io.pabal.chaos.history.HistoryWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** All publishers and subscribers of a run. */
public final class Traffic implements AutoCloseable {

  private static final int ADDRESSES = 12;
  private static final int ADDRESSES_PER_CLIENT_MAX = 3;
  private static final long POLL_MILLIS = 100;

  /** The habits of subscribers, assigned in turn. */
  private static final List<Habit> HABITS =
      List.of(
          Habit.STAY,
          Habit.LEAVE,
          Habit.TAKE_OVER,
          Habit.STAY,
          Habit.RESUBSCRIBE,
          Habit.LEAVE,
          Habit.STAY,
          Habit.CLEAN_START);

  private final List<ChaosSubscriber> subscribers = new ArrayList<>();
  private final List<ChaosPublisher> publishers = new ArrayList<>();
  private final List<Thread> publisherThreads = new ArrayList<>();
  private final List<Thread> subscriberThreads = new ArrayList<>();

  /**
   * Creates the clients without starting them.
   *
   * @param connectors the ports of the connectors, by their names
   * @param perSecond messages per second of all publishers together
   * @param seed decides each client's addresses, protocol version and other properties, and the
   *     approximate times of its actions
   */
  public Traffic(
      Map<String, Integer> connectors,
      int publisherCount,
      int subscriberCount,
      int perSecond,
      HistoryWriter history,
      long seed) {
    Random random = new Random(seed);
    List<ChaosSubscriber.Connector> all =
        connectors.entrySet().stream()
            .map(each -> new ChaosSubscriber.Connector(each.getKey(), each.getValue()))
            .toList();
    long intervalNanos = TimeUnit.SECONDS.toNanos(1) * publisherCount / perSecond;
    for (int i = 1; i <= publisherCount; i++) {
      publishers.add(
          new ChaosPublisher(
              i,
              someAddresses(random, ADDRESSES / 2),
              intervalNanos,
              List.copyOf(connectors.values()),
              history,
              new Random(random.nextLong())));
    }
    for (int i = 1; i <= subscriberCount; i++) {
      subscribers.add(
          new ChaosSubscriber(
              i,
              HABITS.get(i % HABITS.size()),
              someAddresses(random, 1 + random.nextInt(ADDRESSES_PER_CLIENT_MAX)),
              all,
              history,
              new Random(random.nextLong())));
    }
  }

  /**
   * Connects the subscribers. Blocks, for at most {@code timeout}. Returns whether every subscriber
   * has all its subscriptions.
   */
  public boolean subscribe(Duration timeout) throws InterruptedException {
    subscribers.forEach(each -> subscriberThreads.add(Thread.startVirtualThread(each)));
    return await(timeout, this::isSettled);
  }

  /** Starts the publishers; does not block. */
  public void publish() {
    publishers.forEach(each -> publisherThreads.add(Thread.startVirtualThread(each)));
  }

  /** Waits until {@code count} messages are acknowledged. Returns false after {@code timeout}. */
  public boolean awaitAcknowledged(long count, Duration timeout) throws InterruptedException {
    return await(
        timeout, () -> publishers.stream().mapToLong(ChaosPublisher::acknowledged).sum() >= count);
  }

  /** Publishes no new messages any more, and stops the subscribers' habits; does not block. */
  public void finish() {
    publishers.forEach(ChaosPublisher::finish);
    subscribers.forEach(ChaosSubscriber::settle);
  }

  /**
   * Waits until every message is acknowledged, and every subscriber is connected and has all its
   * subscriptions. To be called after {@link #finish}. Returns false after {@code timeout}.
   */
  public boolean awaitSettled(Duration timeout) throws InterruptedException {
    return await(
        timeout, () -> publisherThreads.stream().noneMatch(Thread::isAlive) && isSettled());
  }

  /** Stops all clients; does not wait for their ends. */
  @Override
  public void close() {
    publishers.forEach(ChaosPublisher::finish);
    subscribers.forEach(ChaosSubscriber::stop);
    publisherThreads.forEach(Thread::interrupt);
    subscriberThreads.forEach(Thread::interrupt);
  }

  private boolean isSettled() {
    return subscribers.stream().allMatch(ChaosSubscriber::isSettled);
  }

  private static boolean await(Duration timeout, BooleanSupplier condition)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNanos) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  private static List<String> someAddresses(Random random, int count) {
    List<String> addresses =
        new ArrayList<>(IntStream.range(0, ADDRESSES).mapToObj(i -> "rooms/" + i).toList());
    Collections.shuffle(addresses, random);
    return List.copyOf(addresses.subList(0, count));
  }
}
