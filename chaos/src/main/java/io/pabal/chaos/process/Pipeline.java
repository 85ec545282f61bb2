// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.history.HistoryWriter;
import io.pabal.chaos.plan.ProcessKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All parts of the pipeline as child processes. They are killed when the pipeline is closed, and
 * when the JVM ends.
 */
public final class Pipeline implements AutoCloseable {

  /** A few parts at a time: a machine that starts all parts at once starts none in time. */
  private static final List<List<ProcessKind>> START_ORDER =
      List.of(
          List.of(ProcessKind.BROKER, ProcessKind.REDIS),
          List.of(ProcessKind.TIMELINE, ProcessKind.CONNECTOR_1),
          List.of(ProcessKind.ROUTER_1, ProcessKind.ROUTER_2),
          List.of(ProcessKind.CONNECTOR_2, ProcessKind.CONNECTOR_3));

  private static final long READY_TIMEOUT_MILLIS = 300_000;

  private final Map<ProcessKind, PartProcess> processes = new EnumMap<>(ProcessKind.class);
  private final Map<ProcessKind, Part> parts = new EnumMap<>(ProcessKind.class);
  private final Thread exitHook = new Thread(this::killAll, "chaos-exit");

  private Pipeline(
      PartCommands commands, Map<ProcessKind, RedisShard> redis, Path logs, HistoryWriter history)
      throws IOException {
    Files.createDirectories(logs);
    for (ProcessKind part : ProcessKind.onOneRedis()) {
      if (part != ProcessKind.REDIS || redis.isEmpty()) {
        processes.put(part, new PartProcess(part, commands.of(part), logs, history));
      }
    }
    parts.putAll(processes);
    parts.putAll(redis);
  }

  /**
   * Starts all parts and returns when they are ready. Blocks.
   *
   * @param redis the Redis Cluster, which runs already; null: one Redis is started
   * @param logs the directory for the log files, one per start of a part
   * @param history records the parts that end by themselves
   * @throws IllegalStateException when a part is not ready in time
   */
  public static Pipeline start(
      PartCommands commands, @Nullable RedisCluster redis, Path logs, HistoryWriter history)
      throws IOException, InterruptedException {
    Pipeline pipeline =
        new Pipeline(commands, redis == null ? Map.of() : redis.shards(), logs, history);
    Runtime.getRuntime().addShutdownHook(pipeline.exitHook);
    try {
      for (List<ProcessKind> parts : START_ORDER) {
        pipeline.startAndAwait(parts, logs);
      }
      return pipeline;
    } catch (IOException | RuntimeException | InterruptedException e) {
      pipeline.close();
      throw e;
    }
  }

  /** Waits until every part is ready. Returns the parts that are not ready in time. Blocks. */
  public List<ProcessKind> awaitReady() throws InterruptedException {
    return awaitReady(parts.keySet());
  }

  @Override
  public void close() {
    killAll();
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      // The JVM is already ending, and the hook has nothing left to do.
    }
  }

  /** The number of parts that are not ready. */
  long countNotReady() {
    return parts.values().stream().filter(part -> !part.isReady()).count();
  }

  Part part(ProcessKind kind) {
    Part part = parts.get(kind);
    if (part == null) {
      throw new IllegalArgumentException(kind.label() + " is no part of this pipeline");
    }
    return part;
  }

  private void startAndAwait(List<ProcessKind> kinds, Path logs)
      throws IOException, InterruptedException {
    List<ProcessKind> started = kinds.stream().filter(parts::containsKey).toList();
    for (ProcessKind kind : started) {
      part(kind).start();
    }
    List<ProcessKind> late = awaitReady(started);
    if (!late.isEmpty()) {
      throw new IllegalStateException(
          "%s: not ready after %d s (expected: ready). See %s."
              .formatted(late, READY_TIMEOUT_MILLIS / 1_000, logs));
    }
  }

  private List<ProcessKind> awaitReady(Collection<ProcessKind> kinds) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + READY_TIMEOUT_MILLIS * 1_000_000;
    List<ProcessKind> late = new ArrayList<>();
    for (ProcessKind kind : kinds) {
      long leftMillis = Math.max(0, (deadlineNanos - System.nanoTime()) / 1_000_000);
      if (!part(kind).awaitReady(leftMillis)) {
        late.add(kind);
      }
    }
    return late;
  }

  private void killAll() {
    processes.values().parallelStream().forEach(PartProcess::kill);
  }
}
