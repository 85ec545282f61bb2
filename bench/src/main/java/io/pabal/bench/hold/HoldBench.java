// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import io.pabal.bench.process.ChildJvm;
import io.pabal.bench.process.PipelineProcesses;
import io.pabal.bench.process.ProcessCost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Holds very many sessions on one connector. Kafka, Redis, router and timeline writer are processes
 * of their own. The connector and its clients share one process, without sockets between them. All
 * else is as in any pipeline.
 */
public final class HoldBench {

  private static final String CONNECTOR = "holder";
  private static final String CONNECTOR_KEYS =
      """
      admission:
        resumesInFlightMin: 1000000
        resumesInFlightMax: 1000000
      """;

  private final HoldPlan plan;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public HoldBench(HoldPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks for as long as the sessions are to be held, and for as long as it takes to
   * connect them.
   *
   * @throws IllegalStateException when a session does not become live, or the connector ends
   */
  public HoldReport run() throws Exception {
    progress.accept("starting a pipeline, data in " + plan.directory());
    try (var pipeline =
        PipelineProcesses.start(plan.mainClass(), plan.directory(), plan.freePort())) {
      Path config = pipeline.connectorConfig(CONNECTOR, CONNECTOR_KEYS);
      long redisBefore = RedisMemory.datasetBytes(pipeline.redisPort());
      try (ChildJvm holder = start(config)) {
        return measure(pipeline, holder, redisBefore);
      }
    }
  }

  private ChildJvm start(Path config) throws Exception {
    HoldLoad load = plan.load();
    return ChildJvm.start(
        plan.mainClass(),
        plan.directory().resolve("holder.log"),
        plan.heap(),
        List.of(
            plan.collector().option(),
            "-XX:+UseCompactObjectHeaders",
            "-XX:+ExitOnOutOfMemoryError",
            Pauses.option(plan.directory().resolve(Holder.PAUSES))),
        List.of(
            "bench",
            "holder",
            "--config=" + config,
            "--data=" + plan.directory(),
            "--sessions=" + load.sessions(),
            "--clean=" + load.clean(),
            "--window=" + load.window(),
            "--seconds=" + load.seconds(),
            "--keep-alive=" + load.keepAliveSeconds(),
            "--rate=" + load.messagesPerSecond()));
  }

  private HoldReport measure(PipelineProcesses pipeline, ChildJvm holder, long redisBefore)
      throws Exception {
    List<String> told = new ArrayList<>();
    follow(holder, Holder.HOLDING, told);
    Map<String, Double> cpuBefore = cpuSeconds(pipeline);
    double redisBytes = RedisMemory.datasetBytes(pipeline.redisPort()) - redisBefore;
    follow(holder, Holder.HELD, told);
    Map<String, Double> cpuAfter = cpuSeconds(pipeline);
    NamedFigures others = new NamedFigures();
    for (Map.Entry<String, ChildJvm> part : pipeline.parts().entrySet()) {
      String name = part.getKey();
      others.put(
          name + "RssMiB",
          part.getValue()
              .processes()
              .mapToDouble(
                  each -> (double) ProcessCost.residentKibibytes(List.of(each.pid())) / 1_024)
              .sum());
      others.put(
          name + "HoldCpuSeconds",
          cpuAfter.getOrDefault(name, 0.0) - cpuBefore.getOrDefault(name, 0.0));
    }
    int status = holder.awaitExit();
    if (status != 0) {
      throw new IllegalStateException(
          "the connector's process ended with status %d, see %s"
              .formatted(status, plan.directory().resolve("holder.log")));
    }
    NamedFigures figures = NamedFigures.read(plan.directory().resolve(Holder.FIGURES));
    figures.put("redisBytesPerSession", redisBytes / plan.load().sessions());
    others.values().forEach(figures::put);
    return new HoldReport(plan, figures);
  }

  /** Reports the lines that the process prints, until it prints {@code word}. */
  private void follow(ChildJvm holder, String word, List<String> told) throws Exception {
    String last = "pabal: " + word;
    while (!told.contains(last)) {
      boolean alive = holder.isAlive();
      holder
          .output()
          .lines()
          .filter(line -> line.startsWith("pabal: "))
          .skip(told.size())
          .forEach(
              line -> {
                told.add(line);
                progress.accept(line.substring("pabal: ".length()));
              });
      if (!alive && !told.contains(last)) {
        throw new IllegalStateException(
            "the connector's process ended, see " + plan.directory().resolve("holder.log"));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static Map<String, Double> cpuSeconds(PipelineProcesses pipeline) {
    Map<String, Double> seconds = new HashMap<>();
    pipeline.parts().forEach((name, part) -> seconds.put(name, cpuSeconds(part)));
    return seconds;
  }

  private static double cpuSeconds(ChildJvm part) {
    return part.processes()
        .mapToDouble(
            each ->
                each.info().totalCpuDuration().map(Duration::toMillis).orElse(0L).doubleValue()
                    / 1e3)
        .sum();
  }
}
