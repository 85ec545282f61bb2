// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.LiveTraffic;
import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.process.Await;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that are live while others connect: the latency of their messages before and meanwhile.
 * For one thread.
 */
final class Bystanders implements AutoCloseable {

  /** The keys of the figures of a round. */
  static final List<String> KEYS =
      List.of(
          "liveQuietP50Millis",
          "liveQuietP99Millis",
          "liveConnectingP50Millis",
          "liveConnectingP99Millis",
          "liveP99Ratio");

  private static final double P99 = 0.99;
  private static final Duration QUIET = Duration.ofSeconds(3);

  private final @Nullable LiveTraffic traffic;
  private Latencies quiet = Latencies.NONE;

  private Bystanders(@Nullable LiveTraffic traffic) {
    this.traffic = traffic;
  }

  /**
   * Connects them and begins to publish.
   *
   * @param messagesPerSecond to all of them, in turn; 0: there are none
   */
  static Bystanders start(Endpoint server, int messagesPerSecond) throws Exception {
    String name = "live" + Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
    return new Bystanders(
        messagesPerSecond == 0
            ? null
            : LiveTraffic.start(LiveTraffic.Plan.steady(name, messagesPerSecond, server)));
  }

  /** Observes the latency while nobody connects. Blocks for some seconds. */
  void observeQuiet() {
    if (traffic != null) {
      long fromNanos = System.nanoTime();
      Fleet.rest(QUIET);
      quiet = traffic.latencies(fromNanos, System.nanoTime());
    }
  }

  /** Adds the latency before, and of what was sent from {@code fromNanos} to {@code toNanos}. */
  void show(List<Figure> figures, long fromNanos, long toNanos) throws Exception {
    if (traffic == null) {
      return;
    }
    Await.until("live traffic to calm down", traffic::isCaughtUp);
    Latencies meanwhile = traffic.latencies(fromNanos, toNanos);
    double ratio = quiet.count() == 0 ? 0 : meanwhile.millis(P99) / quiet.millis(P99);
    figures.add(figure(0, "live messages before, p50 (ms)", quiet.millis(0.5)));
    figures.add(figure(1, "live messages before, p99 (ms)", quiet.millis(P99)));
    figures.add(figure(2, "live messages meanwhile, p50 (ms)", meanwhile.millis(0.5)));
    figures.add(figure(3, "live messages meanwhile, p99 (ms)", meanwhile.millis(P99)));
    figures.add(figure(4, "their p99 meanwhile / before", ratio));
  }

  /** Sends them no further message. */
  void stop() {
    if (traffic != null) {
      traffic.stop();
    }
  }

  private static Figure figure(int key, String label, double value) {
    return new Figure(KEYS.get(key), label, value, 1);
  }

  @Override
  public void close() {
    if (traffic != null) {
      traffic.close();
    }
  }
}
