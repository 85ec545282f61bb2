// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.local.BarePairs;
import io.pabal.bench.client.local.LocalClients;
import io.pabal.bench.process.Await;
import io.pabal.bench.process.ProcessCost;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The process that is measured: a connector without a port, and its clients.
 *
 * <p>It measures itself three times, each time after a full collection: with bare connections, with
 * a connector that is warm, and with all sessions.
 */
public final class Holder {

  /** Printed when all sessions are live; {@link #HELD} when the time of holding is over. */
  static final String HOLDING = "holding";

  static final String HELD = "held";

  static final String FIGURES = "figures.txt";
  static final String PAUSES = "safepoints.log";

  /** Begins the figure of a class: bytes per session, or of these in a bare connection. */
  static final String CLASS = "class:";

  static final String BARE_CLASS = "bare:";

  private static final int BARE_MAX = 50_000;
  private static final int WARM_MAX = 2_000;
  private static final int PROBED = 100;
  private static final int EXPIRY_SECONDS = 3_600;
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final double CLASS_BYTES_MIN = 0.5;

  private final HoldLoad load;
  private final Path directory;
  private final PrintWriter out;
  private final NamedFigures figures = new NamedFigures();

  /**
   * A measurement of this process.
   *
   * @param directory takes the figures, and has the JVM's log of safepoints
   * @param out is told what is being done
   */
  public Holder(HoldLoad load, Path directory, PrintWriter out) {
    this.load = load;
    this.directory = directory;
    this.out = out;
  }

  /**
   * Measures. Blocks until the sessions were held for the planned time. They stay connected until
   * the process ends.
   */
  public void run(ConnectorConfig config) throws Exception {
    Map<String, Double> bare = bareConnections();
    var plan =
        new LocalClients.Plan(
            load.sessions(),
            load.window(),
            load.keepAliveSeconds(),
            load.clean() ? 0 : EXPIRY_SECONDS,
            PROBED,
            load.messagesPerSecond());
    // Never closed: the process ends, and the end of a million sessions is not measured.
    Connector connector = Connector.startLocal(config);
    LocalClients clients = LocalClients.start(plan, config.id());
    Await.until("the publisher", clients::isReady);
    connect(clients, bare);
    hold(clients);
    figures.put("sessionsLeft", connector.sessionCount());
    figures.write(directory.resolve(FIGURES));
  }

  private Map<String, Double> bareConnections() throws Exception {
    int count = Math.min(load.sessions(), BARE_MAX);
    BarePairs.open(1).close();
    LiveHeap before = LiveHeap.now();
    try (var _ = BarePairs.open(count)) {
      LiveHeap with = LiveHeap.now();
      figures.put("bareBytes", (double) (with.bytes() - before.bytes()) / count);
      return with.since(before, count);
    }
  }

  private void connect(LocalClients clients, Map<String, Double> bare) throws Exception {
    int warm = Math.min(WARM_MAX, load.sessions() / 10);
    clients.want(warm);
    progress("warming up", clients, warm, Duration.ofMinutes(2));
    LiveHeap before = LiveHeap.now();
    long directBefore = directBytes();
    long begunNanos = System.nanoTime();
    double cpuBefore = cpuSeconds();
    clients.want(load.sessions());
    // Fewer than 200 sessions a second mean that something is wrong.
    Duration timeout = Duration.ofSeconds(60 + load.sessions() / 200);
    progress("connecting", clients, load.sessions(), timeout);
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    int count = load.sessions() - warm;
    figures.put("connectSeconds", seconds);
    figures.put("sessionsPerSecond", count / seconds);
    figures.put("connectCpuSeconds", cpuSeconds() - cpuBefore);
    LiveHeap with = LiveHeap.now();
    figures.put("liveHeapBytes", with.bytes());
    figures.put("sessionBytes", (double) (with.bytes() - before.bytes()) / count);
    figures.put("directBytes", directBytes());
    figures.put("sessionDirectBytes", (double) (directBytes() - directBefore) / count);
    Map<String, Double> each = with.since(before, count);
    each.forEach(
        (name, bytes) -> {
          if (Math.abs(bytes) >= CLASS_BYTES_MIN) {
            figures.put(CLASS + name, bytes);
            figures.put(BARE_CLASS + name, bare.getOrDefault(name, 0.0));
          }
        });
  }

  private void hold(LocalClients clients) throws Exception {
    Path log = directory.resolve(PAUSES);
    int pausesBefore = Pauses.seen(log);
    double cpuBefore = cpuSeconds();
    long pingsBefore = clients.pings();
    say(HOLDING);
    clients.probe();
    long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(load.seconds());
    waitFor(
        () -> System.nanoTime() - untilNanos >= 0,
        Duration.ofSeconds(load.seconds() + 60),
        () -> said("live", clients));
    Pauses pauses = Pauses.since(log, pausesBefore);
    figures.put("holdCpuSeconds", cpuSeconds() - cpuBefore);
    figures.put("pings", clients.pings() - pingsBefore);
    say(HELD);
    clients.stopProbing();
    Await.until(
        "all messages and answers to pings, %d of %d came"
            .formatted(clients.received(), clients.sent()),
        () -> clients.received() >= clients.sent() && clients.unanswered() < 100);
    figures.put("pauses", pauses.count());
    figures.put("pausesMillis", pauses.totalMillis());
    figures.put("pauseMaxMillis", pauses.maxMillis());
    figures.put(
        "rssMiB", ProcessCost.residentKibibytes(List.of(ProcessHandle.current().pid())) / 1_024);
    Latencies latencies = clients.latencies();
    figures.put("messages", clients.sent());
    figures.put("messagesReceived", clients.received());
    figures.put("p50Millis", latencies.millis(0.5));
    figures.put("p99Millis", latencies.millis(0.99));
    figures.put("maxMillis", latencies.millis(1));
    figures.put("turnedAway", clients.turnedAway());
    figures.put("disconnects", clients.disconnected());
    figures.put("violations", clients.violations.size());
    clients.violations.forEach(this::say);
  }

  private void progress(String what, LocalClients clients, int count, Duration timeout)
      throws InterruptedException {
    waitFor(() -> clients.live() >= count, timeout, () -> said(what, clients));
    if (clients.live() < count) {
      throw new IllegalStateException(
          "%s: %d of %d sessions were live after %d s: %s"
              .formatted(what, clients.live(), count, timeout.toSeconds(), clients.violations));
    }
  }

  private void said(String what, LocalClients clients) {
    say(
        "%s: %,d live, %,d turned away, %,d disconnected, %,d MiB resident"
            .formatted(
                what,
                clients.live(),
                clients.turnedAway(),
                clients.disconnected(),
                ProcessCost.residentKibibytes(List.of(ProcessHandle.current().pid())) / 1_024));
  }

  private void say(String line) {
    out.println("pabal: " + line);
    out.flush();
  }

  private static void waitFor(BooleanSupplier condition, Duration timeout, Runnable meanwhile)
      throws InterruptedException {
    long begunNanos = System.nanoTime();
    long saidNanos = begunNanos;
    while (!condition.getAsBoolean() && System.nanoTime() - begunNanos < timeout.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(20);
      if (System.nanoTime() - saidNanos > PROGRESS_NANOS) {
        saidNanos = System.nanoTime();
        meanwhile.run();
      }
    }
  }

  private static long directBytes() {
    return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
        ? provider.metric().usedDirectMemory()
        : 0;
  }

  private static double cpuSeconds() {
    return ProcessHandle.current()
            .info()
            .totalCpuDuration()
            .map(Duration::toMillis)
            .orElse(0L)
            .doubleValue()
        / 1e3;
  }
}
