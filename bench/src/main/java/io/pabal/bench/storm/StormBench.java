// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.storm;

import io.pabal.bench.client.Crowd;
import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.LiveTraffic;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.process.Await;
import io.pabal.bench.process.PipelineProcesses;
import io.pabal.bench.process.ProcessCost;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Kills a connector and reconnects all of its sessions to other connectors at once. The first of
 * these has live traffic. Rounds with admission control and rounds without alternate.
 *
 * <p>Each storm has sessions of its own, and each round has connectors of its own. Before a storm
 * that counts, the connectors take in as many sessions in each of a number of warm-ups, since the
 * connectors that remain when one is killed have usually not just started.
 */
public final class StormBench {

  private static final int EVERYBODY = 1_000_000;
  private static final int IN_FLIGHT_MIN = 16;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final StormPlan plan;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public StormBench(StormPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks for half a minute, and about another one for each storm, warm-ups included.
   *
   * @throws IllegalStateException when something does not come about in time, such as the last
   *     session's messages
   */
  public StormReport run() throws Exception {
    progress.accept("starting a pipeline, data in " + plan.directory());
    try (var loop = ClientLoop.start("storm");
        var pipeline =
            PipelineProcesses.start(plan.mainClass(), plan.directory(), plan.freePort())) {
      List<Storm> storms = new ArrayList<>();
      List<String> violations = new ArrayList<>();
      for (int i = 0; i < 2 * plan.rounds(); i++) {
        boolean admission = i % 2 == 0;
        String source = "source-" + (i + 1);
        List<String> targets = addConnectors(pipeline, i + 1, admission);
        for (int j = 0; j <= plan.warmUps(); j++) {
          storms.add(storm(pipeline, loop, source, targets, admission, j + 1, violations));
          progress.accept("%d of %d: %s".formatted(i + 1, 2 * plan.rounds(), storms.getLast()));
        }
        targets.forEach(each -> pipeline.process(each).kill());
      }
      return new StormReport(plan.sessions(), plan.warmUps(), storms, violations);
    }
  }

  /** Adds a connector to be killed and the targets of its sessions; returns the targets. */
  private List<String> addConnectors(PipelineProcesses pipeline, int round, boolean admission)
      throws Exception {
    pipeline.addConnector("source-" + round, admission(0, EVERYBODY, EVERYBODY, 0));
    List<String> targets = new ArrayList<>(plan.targets());
    for (int i = 1; i <= plan.targets(); i++) {
      String target = "target-%d-%d".formatted(round, i);
      pipeline.addConnector(
          target,
          admission
              ? admission(
                  plan.resumesPerSecondMax(),
                  Math.min(IN_FLIGHT_MIN, plan.resumesInFlightMax()),
                  plan.resumesInFlightMax(),
                  plan.waitMillis())
              : admission(0, EVERYBODY, EVERYBODY, 0));
      targets.add(target);
    }
    return targets;
  }

  private Storm storm(
      PipelineProcesses pipeline,
      ClientLoop loop,
      String source,
      List<String> targets,
      boolean admission,
      int number,
      List<String> violations)
      throws Exception {
    boolean warmUp = number <= plan.warmUps();
    String target = targets.getFirst();
    int port = pipeline.port(target);
    var crowd = new Crowd("crowd-%s-%d".formatted(source, number), plan.sessions(), plan.waiting());
    try (var live =
        LiveTraffic.start(LiveTraffic.Plan.steady("live-%s-%d".formatted(source, number), port))) {
      crowd.subscribe(loop, pipeline.port(source));
      Await.until("all to subscribe", () -> crowd.subscribed() == plan.sessions());
      if (warmUp) {
        crowd.close();
      } else {
        pipeline.process(source).kill();
      }
      crowd.publishAll(loop, port);
      Await.until("what waits for them", crowd::isPublished);
      Latencies quiet = quiet(live);

      long begunNanos = System.nanoTime();
      long memoryMiB = 0;
      crowd.comeBack(loop, targets.stream().mapToInt(pipeline::port).toArray());
      while (!crowd.isComplete()) {
        memoryMiB =
            Math.max(
                memoryMiB,
                ProcessCost.residentKibibytes(List.of(pipeline.process(target).pid())) / 1_024);
        Await.pause("all to come back", begunNanos);
      }
      long endNanos = System.nanoTime();
      Await.until("live traffic to calm down", live::isCaughtUp);
      violations.addAll(crowd.violations);
      violations.addAll(live.violations);
      return new Storm(
          warmUp,
          admission,
          TimeUnit.NANOSECONDS.toMillis(crowd.completeNanos() - begunNanos),
          crowd.refused(),
          crowd.inFlightMax(),
          memoryMiB,
          quiet,
          live.latencies(begunNanos, endNanos));
    } finally {
      crowd.close();
    }
  }

  private static Latencies quiet(LiveTraffic live) throws Exception {
    long fromNanos = System.nanoTime();
    Await.until("a quiet moment", () -> System.nanoTime() - fromNanos > QUIET_NANOS);
    return live.latencies(fromNanos, System.nanoTime());
  }

  private static String admission(int perSecond, int inFlightMin, int inFlightMax, int waitMillis) {
    return """
        admission:
          resumesPerSecondMax: %d
          resumesInFlightMin: %d
          resumesInFlightMax: %d
          waitMillis: %d
        """
        .formatted(perSecond, inFlightMin, inFlightMax, waitMillis);
  }
}
