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

  /** Most only come back; the others share the rest evenly. */
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

  private final List<Subscriber> subscribers = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Thread> publisherThreads = new ArrayList<>();
  private final List<Thread> subscriberThreads = new ArrayList<>();

  /**
   * Clients that do nothing yet.
   *
   * @param connectors the ports of the connectors, by their names
   * @param perSecond messages that all publishers together send
   * @param seed decides what each client is like, and about when it does what
   */
  public Traffic(
      Map<String, Integer> connectors,
      int publisherCount,
      int subscriberCount,
      int perSecond,
      HistoryWriter history,
      long seed) {
    Random random = new Random(seed);
    List<Subscriber.Connector> all =
        connectors.entrySet().stream()
            .map(each -> new Subscriber.Connector(each.getKey(), each.getValue()))
            .toList();
    long intervalNanos = TimeUnit.SECONDS.toNanos(1) * publisherCount / perSecond;
    for (int i = 1; i <= publisherCount; i++) {
      publishers.add(
          new Publisher(
              i,
              someAddresses(random, ADDRESSES / 2),
              intervalNanos,
              List.copyOf(connectors.values()),
              history,
              new Random(random.nextLong())));
    }
    for (int i = 1; i <= subscriberCount; i++) {
      subscribers.add(
          new Subscriber(
              i,
              HABITS.get(i % HABITS.size()),
              someAddresses(random, 1 + random.nextInt(ADDRESSES_PER_CLIENT_MAX)),
              all,
              history,
              new Random(random.nextLong())));
    }
  }

  /** Connects the subscribers; true when each has all its subscriptions within {@code timeout}. */
  public boolean subscribe(Duration timeout) throws InterruptedException {
    subscribers.forEach(each -> subscriberThreads.add(Thread.startVirtualThread(each)));
    return await(timeout, this::isSettled);
  }

  /** Begins to publish. */
  public void publish() {
    publishers.forEach(each -> publisherThreads.add(Thread.startVirtualThread(each)));
  }

  /** Waits until {@code count} messages are acknowledged; false when {@code timeout} is over. */
  public boolean awaitAcknowledged(long count, Duration timeout) throws InterruptedException {
    return await(
        timeout, () -> publishers.stream().mapToLong(Publisher::acknowledged).sum() >= count);
  }

  /**
   * Ends the publishing, and the subscribers' habits; true when within {@code timeout} everything
   * published is acknowledged and every subscriber is connected.
   */
  public boolean settle(Duration timeout) throws InterruptedException {
    publishers.forEach(Publisher::finish);
    subscribers.forEach(Subscriber::settle);
    return await(
        timeout, () -> publisherThreads.stream().noneMatch(Thread::isAlive) && isSettled());
  }

  /** Ends all clients. */
  @Override
  public void close() {
    publishers.forEach(Publisher::finish);
    subscribers.forEach(Subscriber::stop);
    publisherThreads.forEach(Thread::interrupt);
    subscriberThreads.forEach(Thread::interrupt);
  }

  private boolean isSettled() {
    return subscribers.stream().allMatch(Subscriber::isSettled);
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
