// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client;

import io.netty.util.concurrent.Future;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.process.Await;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A steady stream of messages to sessions that are live, and how long each was on its way. On an
 * event loop of its own, so that it measures the connector and not the other clients.
 */
public final class LiveTraffic implements AutoCloseable, LightClient.Listener {

  private static final int UNACKNOWLEDGED_MAX = 1_000;
  private static final int SAMPLES_MAX = 2_000_000;
  private static final int VIOLATIONS_MAX = 1_000;
  private static final int PACKET_IDS = 65_535;

  /**
   * The clients and their traffic.
   *
   * @param name begins client identifiers and addresses
   * @param subscribers sessions, each with an address of its own
   * @param messagesPerSecond to all sessions, in turn; the publisher waits while {@value
   *     #UNACKNOWLEDGED_MAX} are unacknowledged
   * @param publisherAt where the one publisher connects
   * @param subscriberAt where the sessions connect
   * @param comesBack whether a session that was disconnected connects again, and may get a message
   *     again; otherwise both are violations
   */
  public record Plan(
      String name,
      int subscribers,
      int messagesPerSecond,
      Endpoint publisherAt,
      Endpoint subscriberAt,
      boolean comesBack) {

    /** 500 messages a second to 20 sessions that stay connected, through one connector. */
    public static Plan steady(String name, int port) {
      return steady(name, 500, Endpoint.loopback(port));
    }

    /** Messages to 20 sessions that stay connected, through one server. */
    public static Plan steady(String name, int messagesPerSecond, Endpoint server) {
      return new Plan(name, 20, messagesPerSecond, server, server, false);
    }
  }

  /** What must not be: messages that came out of order, connections that ended. */
  public final List<String> violations = new CopyOnWriteArrayList<>();

  private final Plan plan;
  private final ClientLoop loop;
  private final LightClient publisher;
  private final Map<LightClient, Integer> subscribers = new HashMap<>();
  private final int[] expected;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Set<LightClient> present = new HashSet<>();
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();
  private final AtomicInteger heldBack = new AtomicInteger();
  private int acknowledged;
  private @Nullable Future<?> publishing;
  private volatile boolean closing;

  private record Sample(long sentNanos, long latencyNanos) {}

  private LiveTraffic(Plan plan) {
    this.plan = plan;
    this.loop = ClientLoop.start(plan.name);
    this.expected = new int[plan.subscribers];
    this.publisher = new LightClient(plan.name + "-publisher", "", this);
    for (int i = 0; i < plan.subscribers; i++) {
      subscribers.put(new LightClient(plan.name + "-" + i, plan.name + "/" + i, this), i);
    }
  }

  /** Connects all clients, and begins to publish. Blocks until all are connected. */
  public static LiveTraffic start(Plan plan) throws Exception {
    var traffic = new LiveTraffic(plan);
    traffic.publisher.connect(traffic.loop, plan.publisherAt, false);
    traffic
        .subscribers
        .keySet()
        .forEach(each -> each.connect(traffic.loop, plan.subscriberAt, true));
    Await.until("subscribers of " + plan.name, () -> traffic.connected() == plan.subscribers + 1);
    traffic.publishing =
        traffic.loop.every(TimeUnit.SECONDS.toNanos(1) / plan.messagesPerSecond, traffic::publish);
    return traffic;
  }

  /** The latencies of what was sent from {@code fromNanos} to before {@code toNanos}. */
  public Latencies latencies(long fromNanos, long toNanos) {
    synchronized (samples) {
      return Latencies.of(
          samples.stream()
              .filter(each -> each.sentNanos >= fromNanos && each.sentNanos < toNanos)
              .mapToLong(Sample::latencyNanos)
              .toArray());
    }
  }

  /** The sessions, and the publisher, that are connected now. */
  public int connected() {
    return connected.get();
  }

  /** Whether everybody is connected, and at most the newest 100 ms of messages are on their way. */
  public boolean isCaughtUp() {
    return connected() == plan.subscribers + 1
        && sent.get() - arrived.get() <= plan.messagesPerSecond / 10;
  }

  /** Whether everybody is connected and every message has arrived; after {@link #stop}. */
  public boolean isComplete() {
    return connected() == plan.subscribers + 1 && arrived.get() == sent.get();
  }

  /** Messages sent. */
  public int sent() {
    return sent.get();
  }

  /** Messages that arrived for the first time, in order. */
  public int arrived() {
    return arrived.get();
  }

  /** Messages that arrived once more. */
  public int repeated() {
    return repeated.get();
  }

  /** How often no message was sent when one was due, because too many were unacknowledged. */
  public int heldBack() {
    return heldBack.get();
  }

  /** Publishes no more. */
  public void stop() {
    Future<?> present = publishing;
    if (present != null) {
      present.cancel(false);
    }
  }

  private void publish() {
    int number = sent.get();
    if (number - acknowledged >= UNACKNOWLEDGED_MAX) {
      heldBack.incrementAndGet();
      return;
    }
    sent.incrementAndGet();
    String text = number / plan.subscribers + " " + System.nanoTime();
    publisher.publish(number % PACKET_IDS + 1, plan.name + "/" + number % plan.subscribers, text);
  }

  @Override
  public void answered(LightClient client, int code, boolean sessionPresent) {
    if (code == 0 && client == publisher) {
      came(client);
    }
  }

  @Override
  public void subscribed(LightClient client) {
    came(client);
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
    int subscriber = subscribers.getOrDefault(client, 0);
    if (number < expected[subscriber] && plan.comesBack) {
      repeated.incrementAndGet();
      return;
    }
    if (number != expected[subscriber]) {
      violation(client.clientId + " got " + number + " (expected: " + expected[subscriber] + ")");
    }
    expected[subscriber] = number + 1;
    arrived.incrementAndGet();
    long sentNanos = Long.parseLong(text.substring(space + 1));
    synchronized (samples) {
      if (samples.size() == SAMPLES_MAX) {
        samples.removeFirst();
      }
      samples.add(new Sample(sentNanos, nowNanos - sentNanos));
    }
  }

  @Override
  public void closed(LightClient client, String why) {
    if (closing) {
      return;
    }
    present.remove(client);
    connected.set(present.size());
    if (plan.comesBack && client != publisher) {
      client.connect(loop, plan.subscriberAt, true);
    } else {
      violation(client.clientId + " was disconnected: " + why);
    }
  }

  private void came(LightClient client) {
    present.add(client);
    connected.set(present.size());
  }

  private void violation(String what) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(what);
    }
  }

  @Override
  public void close() {
    closing = true;
    stop();
    loop.close();
  }
}
