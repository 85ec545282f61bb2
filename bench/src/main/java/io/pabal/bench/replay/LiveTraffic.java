// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.replay;

import io.pabal.bench.process.Await;
import io.pabal.bench.replay.ReplayBenchReport.Latencies;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One publisher and one subscriber at a steady rate, and how long each message took. A message that
 * is sent late because the one before took long counts from when it was due.
 */
final class LiveTraffic implements AutoCloseable {

  private static final int PACKET_IDS = 65_535;
  private static final int LATENCIES_MAX = 4_000_000;

  private final MqttSocket publisher;
  private final MqttSocket subscriber;
  private final String address;
  private final long intervalNanos;
  private final Thread sending;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final long[] latencies = new long[LATENCIES_MAX];
  private int count;
  private volatile boolean stopped;

  LiveTraffic(String host, int port, String address, int messagesPerSecond) throws IOException {
    this.address = address;
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / messagesPerSecond;
    subscriber = new MqttSocket(host, port, "bench-subscriber");
    subscriber.subscribe(address);
    publisher = new MqttSocket(host, port, "bench-publisher");
    Thread.ofPlatform().daemon().name("bench-receive").start(() -> guarded(this::receive));
    Thread.ofPlatform()
        .daemon()
        .name("bench-acks")
        .start(() -> guarded(this::readAcknowledgements));
    sending = Thread.ofPlatform().name("bench-send").start(() -> guarded(this::send));
  }

  /** What was measured since the last call. */
  synchronized Latencies take() {
    if (failure.isCompletedExceptionally()) {
      failure.join();
    }
    long[] sorted = Arrays.copyOf(latencies, count);
    Arrays.sort(sorted);
    count = 0;
    return new Latencies(
        sorted.length, quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1));
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    Await.end(sending);
    publisher.close();
    subscriber.close();
  }

  private interface Work {
    void run() throws IOException;
  }

  private void guarded(Work work) {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      if (!stopped) {
        failure.completeExceptionally(e);
      }
    }
  }

  private void send() throws IOException {
    long dueNanos = System.nanoTime();
    for (int sent = 0; !stopped; sent++) {
      publisher.publish(address, 1 + sent % PACKET_IDS, dueNanos);
      dueNanos += intervalNanos;
      LockSupport.parkNanos(dueNanos - System.nanoTime());
    }
  }

  private void receive() throws IOException {
    while (!stopped) {
      MqttSocket.Packet packet = subscriber.next();
      if (packet.isPublish()) {
        note(System.nanoTime() - MqttSocket.payload(packet));
        subscriber.acknowledge(packet);
      }
    }
  }

  private void readAcknowledgements() throws IOException {
    while (!stopped) {
      publisher.next();
    }
  }

  private synchronized void note(long nanos) {
    if (count < LATENCIES_MAX) {
      latencies[count++] = nanos;
    }
  }

  private static double quantile(long[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) (quantile * (sorted.length - 1))] / 1e6;
  }
}
