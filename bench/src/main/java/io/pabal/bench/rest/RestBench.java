// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.rest;

import io.pabal.bench.process.Await;
import io.pabal.bench.process.ChildJvm;
import io.pabal.bench.process.PipelineProcesses;
import io.pabal.bench.process.ProcessCost;
import io.pabal.bench.rest.RestReport.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Starts {@code pabal up}, and each role as a process of its own, lets nobody connect, and measures
 * their processor time. It is the time that the processes were on a processor, so other load on the
 * machine changes it little.
 */
public final class RestBench {

  private static final String UP = "up";
  private static final String CONNECTOR = "connector";

  private final RestPlan plan;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public RestBench(RestPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Measures. Blocks for minutes. */
  public RestReport run() throws Exception {
    Files.createDirectories(plan.directory());
    Map<String, List<Long>> processes = new LinkedHashMap<>();
    List<Part> parts = new ArrayList<>();
    try (ChildJvm up = up()) {
      Await.until("pabal up", up::isReady);
      List<Long> all = up.processes().map(ProcessHandle::pid).toList();
      processes.put(UP, all);
      for (long pid : all) {
        processes.put(UP + ": " + (pid == up.pid() ? "JVM" : name(pid)), List.of(pid));
      }
      parts.addAll(measure(UP, processes));
    }
    Part together = parts.removeFirst();
    if (plan.roles()) {
      parts.addAll(roles());
    }
    return new RestReport(together, parts);
  }

  private ChildJvm up() throws Exception {
    return ChildJvm.start(
        plan.mainClass(),
        plan.directory().resolve("up.log"),
        "2g",
        List.of(
            "up",
            "--port=0",
            "--kafka-port=0",
            "--redis-port=0",
            "--http-port=0",
            "--data=" + plan.directory().resolve("up")));
  }

  private List<Part> roles() throws Exception {
    Path directory = plan.directory().resolve("roles");
    try (var pipeline = PipelineProcesses.start(plan.mainClass(), directory, plan.freePort())) {
      pipeline.addConnector(CONNECTOR, "");
      Map<String, List<Long>> processes = new LinkedHashMap<>();
      pipeline
          .parts()
          .forEach(
              (name, part) ->
                  processes.put(name, part.processes().map(ProcessHandle::pid).toList()));
      processes.put(CONNECTOR, List.of(pipeline.process(CONNECTOR).pid()));
      return measure("each role", processes);
    }
  }

  private List<Part> measure(String what, Map<String, List<Long>> processes) throws Exception {
    progress.accept(
        "%s is ready, nobody connects; it rests for %d s, then is measured for %d s"
            .formatted(what, plan.settle().toSeconds(), plan.measured().toSeconds()));
    Thread.sleep(plan.settle());
    long beganNanos = System.nanoTime();
    Map<String, Long> before = new LinkedHashMap<>();
    processes.forEach((name, pids) -> before.put(name, ProcessCost.cpuNanos(pids)));
    Thread.sleep(plan.measured());
    double nanos = System.nanoTime() - beganNanos;
    List<Part> parts = new ArrayList<>();
    processes.forEach(
        (name, pids) -> {
          long spent = ProcessCost.cpuNanos(pids) - before.getOrDefault(name, 0L);
          parts.add(new Part(name, 100 * spent / nanos));
        });
    return parts;
  }

  private static String name(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().command())
        .map(command -> String.valueOf(Path.of(command).getFileName()))
        .orElse("process " + pid);
  }
}
