// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import io.pabal.bench.process.ProcessCost;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.sessioncache.session.CheckpointLoad;
import io.pabal.sessioncache.timeline.AppendLoad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps a Redis of its own busy with one kind of work after the other, and measures the rate and
 * Redis's processor time.
 */
public final class RedisBench {

  private static final double NANOS_PER_MICRO = 1e3;

  private final Path directory;
  private final int sessions;
  private final Duration measured;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param directory for Redis's data; new or empty
   * @param sessions whose cursors are checkpointed
   * @param measured how long each kind of work is measured, after as long a warm-up
   * @param progress is told what is being done
   */
  public RedisBench(Path directory, int sessions, Duration measured, Consumer<String> progress) {
    this.directory = directory;
    this.sessions = sessions;
    this.measured = measured;
    this.progress = progress;
  }

  /** Measures. Blocks for two times the measured time for each kind of work. */
  public List<RedisRate> run() throws Exception {
    Files.createDirectories(directory);
    List<RedisRate> rates = new ArrayList<>();
    try (EmbeddedRedis redis = EmbeddedRedis.start(directory, 0)) {
      try (RedisLoad load = CheckpointLoad.start(redis.uri(), sessions)) {
        rates.add(measure(load, redis.pid()));
      }
      try (RedisLoad load = AppendLoad.start(redis.uri())) {
        rates.add(measure(load, redis.pid()));
      }
    }
    return rates;
  }

  private RedisRate measure(RedisLoad load, long redisPid) throws Exception {
    progress.accept("measuring " + load.unit());
    run(load);
    long cpuNanos = ProcessCost.cpuNanos(List.of(redisPid));
    long begunNanos = System.nanoTime();
    long done = run(load);
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    long spentNanos = ProcessCost.cpuNanos(List.of(redisPid)) - cpuNanos;
    return new RedisRate(load.unit(), done / seconds, spentNanos / NANOS_PER_MICRO / done);
  }

  private long run(RedisLoad load) throws Exception {
    long done = 0;
    long endNanos = System.nanoTime() + measured.toNanos();
    do {
      done += load.run();
    } while (System.nanoTime() - endNanos < 0);
    return done;
  }
}
