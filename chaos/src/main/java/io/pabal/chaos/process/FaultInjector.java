// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.HistoryWriter;
import io.pabal.chaos.plan.Fault;
import io.pabal.chaos.plan.FaultKind;
import io.pabal.chaos.plan.ProcessKind;
import io.pabal.embedded.cluster.RedisConsole;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Injects the faults of a plan. Faults of different parts overlap as planned. The faults of one
 * part wait for each other.
 */
public final class FaultInjector {

  private static final long FAULTS_TIMEOUT_SECONDS = 180;
  private static final long READY_TIMEOUT_MILLIS = 60_000;
  private static final int NOT_READY_MAX = 3;
  private static final long POLL_MILLIS = 100;

  private final Pipeline pipeline;
  private final PartCommands commands;
  private final @Nullable RedisCluster redis;
  private final HistoryWriter history;
  private final PrintWriter err;

  /**
   * Injects faults into {@code pipeline}, and records them in {@code history} and {@code err}.
   *
   * @param redis the pipeline's Redis Cluster; null: one Redis
   */
  public FaultInjector(
      Pipeline pipeline,
      PartCommands commands,
      @Nullable RedisCluster redis,
      HistoryWriter history,
      PrintWriter err) {
    this.pipeline = pipeline;
    this.commands = commands;
    this.redis = redis;
    this.history = history;
    this.err = err;
  }

  /**
   * Injects the faults of the plan, whose times count from now. Blocks until all faults are over.
   *
   * <p>While {@value #NOT_READY_MAX} parts are not ready after earlier faults, the rest of the plan
   * is postponed. Otherwise no part would be ready any more on a machine that starts processes
   * slowly. Faults that are then later than {@code end} are left out.
   *
   * @param end the end of the injection, counted from now
   * @throws IllegalStateException when a fault is not over in time
   */
  public void run(List<Fault> plan, Duration end) throws InterruptedException {
    long endNanos = System.nanoTime() + end.toNanos();
    long startNanos = System.nanoTime();
    Map<ProcessKind, ExecutorService> perPart = new EnumMap<>(ProcessKind.class);
    for (Fault fault : plan) {
      TimeUnit.NANOSECONDS.sleep(
          startNanos + TimeUnit.MILLISECONDS.toNanos(fault.atMillis()) - System.nanoTime());
      startNanos += awaitReadyParts(endNanos);
      if (System.nanoTime() > endNanos) {
        err.printf("fault #%d and all later ones left out%n", fault.number());
        break;
      }
      perPart
          .computeIfAbsent(
              fault.part(), part -> Executors.newSingleThreadExecutor(Thread.ofVirtual().factory()))
          .execute(() -> inject(fault));
    }
    perPart.values().forEach(ExecutorService::shutdown);
    for (ExecutorService executor : perPart.values()) {
      if (!executor.awaitTermination(FAULTS_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "a fault is not over after %d s".formatted(FAULTS_TIMEOUT_SECONDS));
      }
    }
  }

  /** Waits until enough parts are ready, or until the end. Returns the wait in nanoseconds. */
  private long awaitReadyParts(long endNanos) throws InterruptedException {
    long beganNanos = System.nanoTime();
    while (pipeline.countNotReady() >= NOT_READY_MAX && System.nanoTime() < endNanos) {
      Thread.sleep(POLL_MILLIS);
    }
    return System.nanoTime() - beganNanos;
  }

  private void inject(Fault fault) {
    err.println("fault " + fault);
    err.flush();
    history.record(
        at ->
            new Event.FaultBegun(
                at, fault.number(), fault.kind(), fault.part(), fault.lastsMillis()));
    try {
      act(fault);
      history.record(at -> new Event.FaultOver(at, fault.number()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      // Without a FaultOver event, the judge assumes that a flush may happen at any later time.
      err.printf("fault #%d failed: %s%n", fault.number(), e.getMessage());
      err.flush();
    }
  }

  private void act(Fault fault) throws IOException, InterruptedException {
    Part part = pipeline.part(fault.part());
    switch (fault.kind()) {
      case KILL -> part.kill();
      case RESTART -> part.stop();
      case PAUSE -> part.pause(fault.lastsMillis());
      case FLUSH -> flush(part);
      case MOVE -> move(part, fault);
    }
    if (fault.kind() == FaultKind.KILL || fault.kind() == FaultKind.RESTART) {
      Thread.sleep(fault.lastsMillis());
      part.start();
    }
  }

  private void flush(Part part) throws IOException, InterruptedException {
    if (!part.awaitReady(READY_TIMEOUT_MILLIS)) {
      throw new IOException("redis is not ready");
    }
    if (part instanceof RedisShard shard) {
      shard.flush();
    } else {
      RedisConsole.ask(commands.port(ProcessKind.REDIS), "FLUSHALL");
    }
  }

  private void move(Part part, Fault fault) throws IOException, InterruptedException {
    if (redis == null || !(part instanceof RedisShard shard)) {
      throw new IOException(fault.part().label() + " has no slots");
    }
    if (!part.awaitReady(READY_TIMEOUT_MILLIS)) {
      throw new IOException("redis is not ready");
    }
    shard.moveSlots(redis.after(fault.part()), fault.atMillis());
  }
}
