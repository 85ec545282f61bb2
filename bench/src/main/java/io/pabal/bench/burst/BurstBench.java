// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.burst;

import io.pabal.bench.burst.BurstReport.Burst;
import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.LightClient;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.process.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Publishes one message to very many persistent sessions, while other clients connect at a steady
 * rate. The server stores the progress of all these sessions at about the same time, which must not
 * make those wait who connect.
 */
public final class BurstBench implements LightClient.Listener {

  private final Endpoint server;
  private final BurstPlan plan;
  private final Consumer<String> progress;
  private final String run = "burst" + Long.toString(System.currentTimeMillis(), 36);
  private final AtomicInteger subscribed = new AtomicInteger();
  private final AtomicInteger received = new AtomicInteger();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private volatile long completeNanos;
  private volatile boolean publisherIsConnected;
  private volatile boolean leaving;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public BurstBench(Endpoint server, BurstPlan plan, Consumer<String> progress) {
    this.server = server;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks while the sessions connect, and twice the observed time for each message.
   *
   * @throws IllegalStateException when something does not come about in time, such as the message
   *     at the last session
   */
  public BurstReport run() throws Exception {
    try (var loop = ClientLoop.start("sessions");
        var others = ClientLoop.start("others")) {
      String address = "bench/" + run;
      List<LightClient> sessions = new ArrayList<>();
      for (int i = 0; i < plan.sessions(); i++) {
        sessions.add(new LightClient(run + "-" + i, address, this));
      }
      LightClient publisher = new LightClient(run + "-publisher", "", this);
      progress.accept("connecting %,d sessions to %s".formatted(plan.sessions(), server));
      sessions.forEach(each -> each.connect(loop, server, true));
      publisher.connect(others, server, false);
      Await.until(
          "all to subscribe", () -> subscribed.get() == plan.sessions() && publisherIsConnected);
      Connects connects = new Connects(others, server, run + "-other");
      List<Burst> bursts = new ArrayList<>();
      for (int i = 1; i <= plan.bursts(); i++) {
        progress.accept("message %d of %d".formatted(i, plan.bursts()));
        bursts.add(burst(i, publisher, address, others, connects));
      }
      leaving = true;
      sessions.forEach(LightClient::close);
      publisher.close();
      return new BurstReport(plan.sessions(), bursts, connects.refused(), violations);
    }
  }

  private Burst burst(
      int number, LightClient publisher, String address, ClientLoop others, Connects connects)
      throws Exception {
    Latencies before = connects.observe(plan.connectsPerSecond(), plan.observed());
    received.set(0);
    long begunNanos = System.nanoTime();
    others.run(() -> publisher.publish(number, address, Integer.toString(number)));
    Latencies after = connects.observe(plan.connectsPerSecond(), plan.observed());
    Await.until(
        "the message at all sessions",
        () -> received.get() == plan.sessions() && acknowledged.get() == number);
    return new Burst((completeNanos - begunNanos) / 1e9, before, after);
  }

  @Override
  public void answered(LightClient client, int code, boolean sessionPresent) {
    publisherIsConnected |= code == 0 && client.address.isEmpty();
  }

  @Override
  public void subscribed(LightClient client) {
    subscribed.incrementAndGet();
  }

  @Override
  public void received(LightClient client, String text) {
    if (received.incrementAndGet() == plan.sessions()) {
      completeNanos = System.nanoTime();
    }
  }

  @Override
  public void acknowledged(LightClient client) {
    acknowledged.incrementAndGet();
  }

  @Override
  public void closed(LightClient client, String why) {
    if (!leaving) {
      violations.add(client.clientId + " was disconnected: " + why);
    }
  }
}
