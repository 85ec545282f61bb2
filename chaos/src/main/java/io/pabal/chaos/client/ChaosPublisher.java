// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.HistoryWriter;
import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Publishes numbered messages at QoS 1. After a reconnect, it first sends the unacknowledged
 * messages again, in order. Runs on a thread of its own until {@link #finish} was called and every
 * message is acknowledged.
 */
final class ChaosPublisher implements Runnable {

  private static final int IN_FLIGHT_MAX = 64;
  private static final int POLL_MILLIS = 5;
  private static final int BACKOFF_MAX_MILLIS = 1_500;

  private final int number;
  private final boolean mqtt5;
  private final List<String> addresses;
  private final long intervalNanos;
  private final List<Integer> ports;
  private final HistoryWriter history;
  private final Random random;

  /** The last packet sent of each unacknowledged message, by sequence number. */
  private final ConcurrentSkipListMap<Long, Sent> unacknowledged = new ConcurrentSkipListMap<>();

  private final LongAdder acknowledged = new LongAdder();
  private long sequence;
  private volatile boolean finishing;

  ChaosPublisher(
      int number,
      List<String> addresses,
      long intervalNanos,
      List<Integer> ports,
      HistoryWriter history,
      Random random) {
    this.number = number;
    this.addresses = addresses;
    this.intervalNanos = intervalNanos;
    this.ports = ports;
    this.history = history;
    this.random = random;
    this.mqtt5 = random.nextBoolean();
  }

  /** The number of acknowledged messages. */
  long acknowledged() {
    return acknowledged.sum();
  }

  /** Stops publishing new messages. */
  void finish() {
    finishing = true;
  }

  @Override
  public void run() {
    try {
      while (!isDone()) {
        Connection connection = new Connection();
        if (connection.open()) {
          publishOn(connection);
        } else {
          Thread.sleep(random.nextInt(BACKOFF_MAX_MILLIS));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isDone() {
    return finishing && unacknowledged.isEmpty();
  }

  private void publishOn(Connection connection) throws InterruptedException {
    for (Sent sent : List.copyOf(unacknowledged.values())) {
      Packet packet = sent.packet;
      connection.publish(
          new Sent(new Packet(number, packet.sequence(), packet.attempt() + 1), sent.address));
    }
    long nextNanos = System.nanoTime();
    while (!isDone() && connection.isOpen()) {
      long waitNanos = nextNanos - System.nanoTime();
      if (finishing || unacknowledged.size() >= IN_FLIGHT_MAX) {
        Thread.sleep(POLL_MILLIS);
      } else if (waitNanos > 0) {
        TimeUnit.NANOSECONDS.sleep(waitNanos);
      } else {
        String address = addresses.get(random.nextInt(addresses.size()));
        connection.publish(new Sent(new Packet(number, sequence++, 1), address));
        // Messages that could not be sent in time are not sent later.
        nextNanos = Math.max(nextNanos, System.nanoTime() - intervalNanos) + intervalNanos;
      }
    }
    connection.link.disconnect();
  }

  private record Sent(Packet packet, String address) {}

  private final class Connection implements LinkListener {
    final Link link =
        Link.of(
            mqtt5,
            new Link.Options(
                ports.get(random.nextInt(ports.size())),
                "publisher-" + number,
                false,
                true,
                3 + random.nextInt(15),
                Short.MAX_VALUE),
            this);
    private volatile boolean closed;

    boolean open() throws InterruptedException {
      CompletableFuture<?> answer = link.connect();
      try {
        answer.get(2 * Link.CONNECT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        return true;
      } catch (ExecutionException | TimeoutException e) {
        link.disconnect();
        return false;
      }
    }

    boolean isOpen() {
      return !closed;
    }

    void publish(Sent sent) {
      unacknowledged.put(sent.packet.sequence(), sent);
      history.record(at -> new Event.Published(at, sent.packet, sent.address));
      var _ =
          link.publish(sent.address, sent.packet.payload())
              .whenComplete((done, failure) -> onAnswer(sent.packet, failure));
    }

    private void onAnswer(Packet packet, @Nullable Throwable failure) {
      if (failure == null) {
        history.record(at -> new Event.Acknowledged(at, packet));
        unacknowledged.remove(packet.sequence());
        acknowledged.increment();
      } else {
        // The message was refused, or the connection ended. The next connection sends it again.
        link.disconnect();
      }
    }

    @Override
    public void connected(boolean sessionPresent) {}

    @Override
    public void arrived(
        String address, Packet packet, @Nullable MessagePosition position, Runnable acknowledge) {}

    @Override
    public void disconnected(String cause) {
      closed = true;
    }
  }
}
