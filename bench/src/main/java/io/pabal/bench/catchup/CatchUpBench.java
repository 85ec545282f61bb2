// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.catchup;

import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.process.Await;
import io.pabal.bench.process.PipelineProcesses;
import io.pabal.bench.process.ProcessCost;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Publishes bursts to one address with many sessions whose Receive Maximum is small, so that all of
 * them fall behind; with recent deliveries in memory and without, in turn.
 *
 * <p>Kafka, Redis, router and timeline writer are processes of their own. The connector and its
 * clients share this process and are connected by sockets, so that the connector's metrics can be
 * read. Each burst has a connector of its own; the first two bursts do not count, since the code is
 * compiled during them.
 */
public final class CatchUpBench {

  private static final int WARM_UPS = 2;
  private static final String CONNECTOR_KEYS =
      """
      admission:
        resumesPerSecond: 1000000
        resumesInFlight: 1000000
      drain:
        sessionsPerSecond: 0
      """;

  private final CatchUpPlan plan;
  private final Consumer<String> progress;
  private final List<String> violations = new ArrayList<>();

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public CatchUpBench(CatchUpPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks for half a minute, and some seconds for each burst.
   *
   * @throws IllegalStateException when a session does not get every message in time
   */
  public CatchUpReport run() throws Exception {
    progress.accept("starting a pipeline, data in " + plan.directory());
    try (var loop = ClientLoop.start("burst");
        var pipeline =
            PipelineProcesses.start(plan.mainClass(), plan.directory(), plan.freePort())) {
      List<CatchUpRound> rounds = new ArrayList<>();
      int bursts = WARM_UPS + 2 * plan.rounds();
      for (int i = 0; i < bursts; i++) {
        CatchUpRound round = burst(pipeline, loop, "burst-" + i, i % 2 == 0);
        if (i >= WARM_UPS) {
          rounds.add(round);
        }
        progress.accept("%d of %d: %s".formatted(i + 1, bursts, round));
      }
      return new CatchUpReport(plan.burst(), rounds, violations);
    }
  }

  private CatchUpRound burst(
      PipelineProcesses pipeline, ClientLoop loop, String name, boolean memory) throws Exception {
    ConnectorConfig read = plan.config().apply(pipeline.connectorConfig(name, CONNECTOR_KEYS));
    ConnectorConfig config = memory ? read : read.withRingBytesMax(0);
    List<Long> redis = List.of(Objects.requireNonNull(pipeline.parts().get("redis")).pid());
    BurstReaders readers = new BurstReaders(loop, "catchup/" + name, plan.burst());
    try (Connector connector = Connector.start(config)) {
      int port = connector.address().getPort();
      readers.connect(port);
      Await.until("all to subscribe", readers::isReady);
      ConnectorMetrics metrics = connector.metrics();
      long cpuBefore = ProcessCost.ownCpuNanos();
      long redisBefore = ProcessCost.cpuNanos(redis);
      long begunNanos = System.nanoTime();
      readers.publish(port);
      while (!readers.isComplete()) {
        Await.pause("every session to get every message", begunNanos);
      }
      long endNanos = System.nanoTime();
      CatchUpRound round =
          new CatchUpRound(
              memory,
              (endNanos - begunNanos) / 1e9,
              metrics.behind.sum(),
              metrics.catchUpRecent.sum(),
              metrics.catchUpReads.sum(),
              metrics.catchUpReadsShared.sum(),
              (ProcessCost.ownCpuNanos() - cpuBefore) / 1e9,
              (ProcessCost.cpuNanos(redis) - redisBefore) / 1e9);
      readers.close();
      violations.addAll(readers.violations);
      return round;
    }
  }
}
