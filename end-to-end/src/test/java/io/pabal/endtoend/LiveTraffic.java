// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A steady stream of messages to sessions that are live, and how long each was on its way. On an
 * event loop of its own, so that it measures the connector and not the other clients.
 */
final class LiveTraffic implements AutoCloseable, LightClient.Listener {

  private static final int SUBSCRIBERS = 20;
  private static final int INTERVAL_MICROS = 2_000;
  private static final int UNACKNOWLEDGED_MAX = 500;
  private static final int PACKET_IDS = 65_535;

  /** Messages that came out of order or never. */
  final List<String> violations = new CopyOnWriteArrayList<>();

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("live", true), NioIoHandler.newFactory());
  private final List<LightClient> subscribers = new ArrayList<>();
  private final LightClient publisher = new LightClient("live-publisher", "", this);
  private final AtomicInteger ready = new AtomicInteger();
  private final int[] expected = new int[SUBSCRIBERS];
  private final List<Long> latenciesNanos = new ArrayList<>();
  private int sent;
  private int acknowledged;

  private LiveTraffic(int port) {
    for (int i = 0; i < SUBSCRIBERS; i++) {
      LightClient subscriber = new LightClient("live-" + i, "live/" + i, this);
      subscriber.connect(loop, port, true);
      subscribers.add(subscriber);
    }
    publisher.connect(loop, port, false);
  }

  static LiveTraffic start(int port) {
    LiveTraffic traffic = new LiveTraffic(port);
    await().atMost(Duration.ofMinutes(1)).until(() -> traffic.ready.get() == SUBSCRIBERS + 1);
    var _ =
        traffic.loop.scheduleAtFixedRate(
            traffic::publish, 0, INTERVAL_MICROS, TimeUnit.MICROSECONDS);
    return traffic;
  }

  /** Forgets what was measured. */
  void begin() {
    synchronized (latenciesNanos) {
      latenciesNanos.clear();
    }
  }

  /** How many messages were measured. */
  int count() {
    synchronized (latenciesNanos) {
      return latenciesNanos.size();
    }
  }

  /** Prints what was measured. */
  void print(String when) {
    long[] sorted;
    synchronized (latenciesNanos) {
      sorted = latenciesNanos.stream().mapToLong(Long::longValue).toArray();
    }
    Arrays.sort(sorted);
    System.out.printf(
        "live traffic, %s: %,d messages, latency p50 %.1f ms, p99 %.1f ms, most %.1f ms%n",
        when, sorted.length, millis(sorted, 0.5), millis(sorted, 0.99), millis(sorted, 1));
  }

  private static double millis(long[] sorted, double share) {
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return sorted.length == 0 ? 0 : sorted[Math.max(0, index)] / 1e6;
  }

  private void publish() {
    if (sent - acknowledged >= UNACKNOWLEDGED_MAX) {
      return;
    }
    int subscriber = sent % SUBSCRIBERS;
    String text = (sent / SUBSCRIBERS) + " " + System.nanoTime();
    publisher.publish(sent % PACKET_IDS + 1, "live/" + subscriber, text);
    sent++;
  }

  @Override
  public void answered(LightClient client, int code, boolean sessionPresent) {
    if (code == 0 && client == publisher) {
      ready.incrementAndGet();
    }
  }

  @Override
  public void subscribed(LightClient client) {
    ready.incrementAndGet();
  }

  @Override
  public void acknowledged(LightClient client) {
    acknowledged++;
  }

  @Override
  public void received(LightClient client, String text) {
    long nowNanos = System.nanoTime();
    int space = text.indexOf(' ');
    int number = Integer.parseInt(text.substring(0, space));
    int subscriber = subscribers.indexOf(client);
    if (number != expected[subscriber]) {
      violations.add(
          client.clientId + " got " + number + " (expected: " + expected[subscriber] + ")");
    }
    expected[subscriber] = number + 1;
    synchronized (latenciesNanos) {
      latenciesNanos.add(nowNanos - Long.parseLong(text.substring(space + 1)));
    }
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
