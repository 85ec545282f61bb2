// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.storm;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.pabal.bench.client.Crowd;
import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.LiveTraffic;
import io.pabal.bench.process.Await;
import io.pabal.bench.process.PipelineProcesses;
import io.pabal.bench.process.ResidentSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Has all sessions of a connector that was killed come to another one at once, where others are
 * live; to one with admission and to one without, in turn. Each round has sessions of its own.
 */
public final class StormBench {

  private static final int EVERYBODY = 1_000_000;
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
   * Measures. Blocks for half a minute, and about another one for each storm.
   *
   * @throws IllegalStateException when something does not come about in time, such as the last
   *     session's messages
   */
  public StormReport run() throws Exception {
    progress.accept("starting a pipeline, data in " + plan.directory());
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("storm", true), NioIoHandler.newFactory());
    try (var pipeline =
        PipelineProcesses.start(plan.mainClass(), plan.directory(), plan.freePort())) {
      List<Storm> storms = new ArrayList<>();
      List<String> violations = new ArrayList<>();
      for (int i = 0; i < 2 * plan.rounds(); i++) {
        boolean admission = i % 2 == 0;
        String target = addConnectors(pipeline, i + 1, admission);
        storms.add(storm(pipeline, loops, i + 1, target, admission, violations));
        pipeline.process(target).kill();
        progress.accept("%d of %d: %s".formatted(i + 1, 2 * plan.rounds(), storms.getLast()));
      }
      return new StormReport(plan.sessions(), storms, violations);
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** One that will be killed, and the one that all come to, whose name is returned. */
  private String addConnectors(PipelineProcesses pipeline, int round, boolean admission)
      throws Exception {
    String target = "target-" + round;
    pipeline.addConnector("source-" + round, admission(EVERYBODY, EVERYBODY));
    pipeline.addConnector(
        target,
        admission
            ? admission(plan.resumesPerSecond(), plan.resumesInFlight())
            : admission(EVERYBODY, EVERYBODY));
    return target;
  }

  private Storm storm(
      PipelineProcesses pipeline,
      EventLoopGroup loops,
      int round,
      String target,
      boolean admission,
      List<String> violations)
      throws Exception {
    String source = "source-" + round;
    int port = pipeline.port(target);
    var crowd = new Crowd("crowd-" + round, plan.sessions(), plan.waiting());
    try (var live = LiveTraffic.start(LiveTraffic.Plan.steady("live-" + round, port))) {
      crowd.subscribe(loops, pipeline.port(source));
      Await.until("all to subscribe", () -> crowd.subscribed() == plan.sessions());
      pipeline.process(source).kill();
      crowd.publishAll(loops, port);
      Await.until("what waits for them", crowd::isPublished);
      Latencies quiet = quiet(live);

      long begunNanos = System.nanoTime();
      long memoryMiB = 0;
      crowd.comeBack(loops, port);
      while (!crowd.isComplete()) {
        memoryMiB = Math.max(memoryMiB, ResidentSet.mebibytes(pipeline.process(target).pid()));
        Await.pause("all to come back", begunNanos);
      }
      long endNanos = System.nanoTime();
      Await.until("live traffic to calm down", live::isCaughtUp);
      violations.addAll(crowd.violations);
      violations.addAll(live.violations);
      return new Storm(
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

  private static String admission(int perSecond, int inFlight) {
    return """
        admission:
          resumesPerSecond: %d
          resumesInFlight: %d
        """
        .formatted(perSecond, inFlight);
  }
}
