// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.neighbour;

import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.LiveTraffic;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.process.Await;
import io.pabal.bench.process.PipelineProcesses;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Kills one of two connectors under load, again and again, and measures what the clients of the
 * other one notice.
 *
 * <p>The messages to the neighbour's sessions are published through the connector that is measured,
 * so its load stays the same while the neighbour is down. The sessions connect to the neighbour
 * again when it runs again.
 */
public final class NeighbourBench {

  private static final String MEASURED = "measured";
  private static final String NEIGHBOUR = "neighbour";

  private final NeighbourPlan plan;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public NeighbourBench(NeighbourPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks for half a minute and about 25 s more for each kill.
   *
   * @throws IllegalStateException when something does not come about in time, such as a message
   *     that was lost
   */
  public NeighbourReport run() throws Exception {
    progress.accept("starting a pipeline with two connectors, data in " + plan.directory());
    try (var pipeline =
        PipelineProcesses.start(plan.mainClass(), plan.directory(), plan.freePort())) {
      pipeline.addConnector(MEASURED, "");
      pipeline.addConnector(NEIGHBOUR, "");
      int port = pipeline.port(MEASURED);
      var loadPlan =
          new LiveTraffic.Plan(
              NEIGHBOUR,
              plan.sessions(),
              plan.messagesPerSecond(),
              Endpoint.loopback(port),
              Endpoint.loopback(pipeline.port(NEIGHBOUR)),
              true);
      var livePlan =
          LiveTraffic.Plan.steady(MEASURED, plan.messagesPerSecond(), Endpoint.loopback(port));
      progress.accept("connecting %d sessions".formatted(plan.sessions()));
      try (var load = LiveTraffic.start(loadPlan);
          var live = LiveTraffic.start(livePlan)) {
        return measure(pipeline, load, live);
      }
    }
  }

  private NeighbourReport measure(PipelineProcesses pipeline, LiveTraffic load, LiveTraffic live)
      throws Exception {
    List<Map<Phase, Latencies>> kills = new ArrayList<>();
    // The first messages are slow: code is compiled and caches are filled.
    sleepUntil(System.nanoTime() + plan.warmUp().toNanos());
    for (int i = 0; i < plan.kills(); i++) {
      kills.add(kill(pipeline, load, live));
      progress.accept(
          "%d of %d: %s".formatted(i + 1, plan.kills(), kills.getLast().get(Phase.AROUND)));
    }
    load.stop();
    live.stop();
    Await.until("every message to arrive", () -> load.isComplete() && live.isComplete());
    List<String> violations = new ArrayList<>(live.violations);
    violations.addAll(load.violations);
    return new NeighbourReport(
        kills, live.sent(), load.sent(), load.repeated(), live.heldBack(), violations);
  }

  private Map<Phase, Latencies> kill(PipelineProcesses pipeline, LiveTraffic load, LiveTraffic live)
      throws Exception {
    long killedNanos = System.nanoTime() + Phase.BEFORE.lengthNanos();
    sleepUntil(killedNanos);
    pipeline.process(NEIGHBOUR).kill();
    sleepUntil(Phase.LATER.toNanos(killedNanos));
    long restartedNanos = System.nanoTime();
    pipeline.restart(NEIGHBOUR);
    Await.until("the neighbour's sessions", load::isCaughtUp);
    long backNanos = System.nanoTime();

    Map<Phase, Latencies> latencies = new EnumMap<>(Phase.class);
    for (Phase phase : List.of(Phase.BEFORE, Phase.AROUND, Phase.LATER)) {
      latencies.put(
          phase, live.latencies(phase.fromNanos(killedNanos), phase.toNanos(killedNanos)));
    }
    latencies.put(Phase.COMING_BACK, live.latencies(restartedNanos, backNanos));
    return latencies;
  }

  private static void sleepUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
