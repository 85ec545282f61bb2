// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import io.pabal.bench.process.ProcessCost;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.AppendLoad;
import java.net.URI;
import java.nio.file.Files;
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
  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(1);

  private final RedisPlan plan;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public RedisBench(RedisPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Measures. Blocks for the measured time of each kind of work, once more than the rounds. */
  public RedisReport run() throws Exception {
    Files.createDirectories(plan.directory());
    try (EmbeddedRedis redis = EmbeddedRedis.start(plan.directory(), 0);
        SessionCache cache = connect(redis.uri());
        AppendLoad appends = AppendLoad.start(redis.uri())) {
      List<RedisLoad> loads = loads(cache.sessions(), appends);
      List<List<RedisRate>> rates = new ArrayList<>();
      loads.forEach(load -> rates.add(new ArrayList<>()));
      for (int round = 0; round <= plan.rounds(); round++) {
        for (int i = 0; i < loads.size(); i++) {
          RedisLoad load = loads.get(i);
          progress.accept(
              "round %d of %d: %s, %d in a script"
                  .formatted(round, plan.rounds(), load.unit(), load.perScript()));
          RedisRate rate = measure(load, redis.pid());
          if (round > 0) { // the first one warms up
            rates.get(i).add(rate);
          }
        }
      }
      return new RedisReport(plan.sessions(), rates.stream().flatMap(List::stream).toList());
    }
  }

  private static SessionCache connect(URI redis) {
    return SessionCache.connect(
        new SessionCacheConfig(redis, COMMAND_TIMEOUT), TopicCatalogue.PARTITIONS_DEFAULT);
  }

  private List<RedisLoad> loads(SessionStore store, RedisLoad appends) throws InterruptedException {
    progress.accept("storing %,d sessions".formatted(2 * plan.sessions()));
    StoredSessions checkpointed = StoredSessions.store(store, "live-", plan.sessions());
    StoredSessions claimed = StoredSessions.store(store, "back-", plan.sessions());
    List<RedisLoad> loads = new ArrayList<>();
    for (int size : plan.sizes()) {
      loads.add(new CheckpointLoad(store, checkpointed, size));
    }
    loads.add(new ClaimLoad(store, claimed));
    loads.add(appends);
    return loads;
  }

  private RedisRate measure(RedisLoad load, long redisPid) throws Exception {
    long cpuNanos = ProcessCost.cpuNanos(List.of(redisPid));
    long begunNanos = System.nanoTime();
    long endNanos = begunNanos + plan.measured().toNanos();
    long done = 0;
    do {
      done += load.run();
    } while (System.nanoTime() - endNanos < 0);
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    long spentNanos = ProcessCost.cpuNanos(List.of(redisPid)) - cpuNanos;
    return new RedisRate(
        load.unit(), load.perScript(), done / seconds, spentNanos / NANOS_PER_MICRO / done);
  }
}
