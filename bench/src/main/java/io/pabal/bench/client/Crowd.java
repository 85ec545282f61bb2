// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client;

import io.pabal.bench.mqtt.ClientLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Many sessions, each with an address of its own. Each has to get messages 0, 1, 2 and so on. */
public final class Crowd implements LightClient.Listener {

  /** Errors: sessions that were forgotten or disconnected, messages out of order. */
  public final List<String> violations = new CopyOnWriteArrayList<>();

  private final String name;
  private final int waiting;
  private final List<LightClient> clients;
  private final ConcurrentHashMap<String, Integer> next = new ConcurrentHashMap<>();
  private final Set<Integer> refusals = ConcurrentHashMap.newKeySet();
  private final AtomicInteger subscribed = new AtomicInteger();
  private final AtomicInteger published = new AtomicInteger();
  private final AtomicInteger complete = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger admitted = new AtomicInteger();
  private final AtomicInteger inFlightMax = new AtomicInteger();
  private volatile long completeNanos;
  private volatile boolean returning;
  private volatile boolean closing;

  /** Sessions for each of which {@code waiting} messages will be published. */
  public Crowd(String name, int size, int waiting) {
    this.name = name;
    this.waiting = waiting;
    this.clients = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      clients.add(new LightClient(name + "-" + i, name + "/" + i, this));
    }
  }

  /** Connects and subscribes all. */
  public void subscribe(ClientLoop loop, int port) {
    clients.forEach(client -> client.connect(loop, port, true));
  }

  /** How many have subscribed. */
  public int subscribed() {
    return subscribed.get();
  }

  /** Publishes what waits for every session, a window at a time. */
  public void publishAll(ClientLoop loop, int port) {
    new Publisher().start(loop, port);
  }

  /** How many of the published messages Kafka has. */
  public int published() {
    return published.get();
  }

  /** Whether Kafka has all of it. */
  public boolean isPublished() {
    return published.get() == clients.size() * waiting;
  }

  /** Connects all at once, to {@code ports} in turn. */
  public void comeBack(ClientLoop loop, int... ports) {
    closing = false;
    returning = true;
    refusals.clear();
    refused.set(0);
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).connect(loop, ports[i % ports.length], false);
    }
  }

  /** How many have come back and got what waited for them. */
  public int complete() {
    return complete.get();
  }

  /** Whether all have come back and got what waited for them. */
  public boolean isComplete() {
    return complete.get() == clients.size();
  }

  /** Describes at most {@code max} sessions that lack some of their waiting messages. */
  public String missing(int max) {
    return clients.stream()
        .filter(each -> next.getOrDefault(each.clientId, 0) < waiting)
        .limit(max)
        .map(each -> each + " has " + next.getOrDefault(each.clientId, 0) + " of " + waiting)
        .collect(Collectors.joining("; "));
  }

  /** Reason codes of the CONNACKs that refused. */
  public Set<Integer> refusals() {
    return refusals;
  }

  /** How many CONNACKs refused. */
  public int refused() {
    return refused.get();
  }

  /** The most sessions at one time that were accepted and lacked some waiting messages. */
  public int inFlightMax() {
    return inFlightMax.get();
  }

  /** When the last one was complete, by {@link System#nanoTime}. */
  public long completeNanos() {
    return completeNanos;
  }

  /** Closes their sockets. */
  public void close() {
    closing = true;
    clients.forEach(LightClient::close);
  }

  @Override
  public void answered(LightClient client, int code, boolean sessionPresent) {
    if (code != 0) {
      refusals.add(code);
      refused.incrementAndGet();
      return;
    }
    if (!returning) {
      return;
    }
    int inFlight = admitted.incrementAndGet() - complete.get();
    inFlightMax.accumulateAndGet(inFlight, Math::max);
    if (!sessionPresent) {
      violations.add(client.clientId + " came back and its session was not there");
    }
  }

  @Override
  public void subscribed(LightClient client) {
    subscribed.incrementAndGet();
  }

  @Override
  public void closed(LightClient client, String why) {
    if (returning && !closing) {
      violations.add(client.clientId + " came back and was disconnected: " + why);
    }
  }

  @Override
  public void received(LightClient client, String text) {
    int number = Integer.parseInt(text);
    int expected = next.getOrDefault(client.clientId, 0);
    if (number > expected) {
      violations.add(client.clientId + " got " + number + " (expected: " + expected + ")");
    }
    if (number == expected) {
      next.put(client.clientId, expected + 1);
      if (expected + 1 == waiting) {
        if (complete.incrementAndGet() == clients.size()) {
          completeNanos = System.nanoTime();
        }
      }
    }
  }

  /** One client that publishes everything, with a bounded number unacknowledged. */
  private final class Publisher implements LightClient.Listener {

    private static final int WINDOW = 500;
    private static final int PACKET_IDS = 65_535;

    private final LightClient client = new LightClient(name + "-publisher", "", this);
    private int sent;

    void start(ClientLoop loop, int port) {
      client.connect(loop, port, false);
    }

    @Override
    public void answered(LightClient connected, int code, boolean sessionPresent) {
      if (code == 0) {
        more();
      }
    }

    @Override
    public void acknowledged(LightClient connected) {
      published.incrementAndGet();
      more();
    }

    private void more() {
      int all = clients.size() * waiting;
      while (sent < all && sent - published.get() < WINDOW) {
        String text = Integer.toString(sent / clients.size());
        String address = clients.get(sent % clients.size()).address;
        client.publish(sent % PACKET_IDS + 1, address, text);
        sent++;
      }
      if (isPublished()) {
        client.close();
      }
    }
  }
}
