// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import io.pabal.bench.process.Await;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Ends one of two routers under traffic, again and again, and measures how long deliveries pause.
 *
 * <p>Broker and routers are processes of their own. The two routers are ended in turn. Up to 10,000
 * addresses per partition, a router that is started again gets half of the partitions at once. With
 * more addresses, the classic group protocol moves partitions back after a minute. The other
 * router, which is ended next, then has all of them unless {@link FailoverPlan#settle()} is longer
 * than a minute.
 */
public final class FailoverBench {

  private static final long RANDOM_DELAY_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final FailoverPlan plan;
  private final Consumer<String> progress;
  private final Random random;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public FailoverBench(FailoverPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
    random = new Random(plan.seed());
  }

  /**
   * Measures. Blocks for half a minute and about 15 s more for each end of a router.
   *
   * @throws IllegalStateException when a step does not end in time
   */
  public FailoverReport run() throws Exception {
    progress.accept("starting a broker and two routers, data in " + plan.directory());
    try (var cluster = BenchCluster.start(plan)) {
      progress.accept("filling the table with %d addresses".formatted(plan.addresses()));
      cluster.fillTable();
      try (var publisher = cluster.startPublisher()) {
        List<Failover> failovers = new ArrayList<>();
        for (int i = 0; i < plan.kills(); i++) {
          if (i > 0) {
            cluster.restart((i - 1) % 2);
          }
          cluster.awaitReady();
          failovers.add(failover(cluster, publisher, i % 2));
          progress.accept(
              "%d of %d: last partition after %d ms"
                  .formatted(i + 1, plan.kills(), failovers.getLast().lastMillis()));
        }
        return finish(cluster, publisher, failovers);
      }
    }
  }

  private Failover failover(BenchCluster cluster, SteadyPublisher publisher, int victim)
      throws Exception {
    LockSupport.parkNanos(plan.settle().toNanos() + random.nextLong(RANDOM_DELAY_MAX_NANOS));
    Map<String, Set<Integer>> before = cluster.awaitStable(2);
    DeliveryWatch watch = cluster.watch();
    long endedNanos = System.nanoTime();
    watch.partitions().forEach(partition -> partition.startWindow(endedNanos));
    switch (plan.stop()) {
      case KILL -> cluster.router(victim).kill();
      case TERM -> cluster.router(victim).terminate();
    }
    Map<String, Set<Integer>> after = cluster.awaitStable(1);
    List<Long> published = publisher.acknowledged();
    Await.until("deliveries to catch up", () -> watch.hasSeen(published));

    Set<Integer> orphaned = new HashSet<>();
    before.forEach(
        (member, partitions) -> {
          if (!after.containsKey(member)) {
            orphaned.addAll(partitions);
          }
        });
    return result(watch, orphaned, endedNanos);
  }

  private Failover result(DeliveryWatch watch, Set<Integer> orphaned, long endedNanos) {
    var resumed =
        orphaned.stream()
            .mapToLong(partition -> watch.partition(partition).resumedNanos() - endedNanos)
            .summaryStatistics();
    long survivorNanos =
        IntStream.range(0, plan.partitions())
            .filter(partition -> !orphaned.contains(partition))
            .mapToLong(partition -> watch.partition(partition).longestPauseNanos())
            .max()
            .orElse(0);
    return new Failover(
        orphaned.size(),
        orphaned.isEmpty() ? 0 : TimeUnit.NANOSECONDS.toMillis(resumed.getMin()),
        orphaned.isEmpty() ? 0 : TimeUnit.NANOSECONDS.toMillis(resumed.getMax()),
        TimeUnit.NANOSECONDS.toMillis(survivorNanos),
        watch.partitions().stream().mapToLong(PartitionWatch::repeated).sum());
  }

  private static FailoverReport finish(
      BenchCluster cluster, SteadyPublisher publisher, List<Failover> failovers) throws Exception {
    publisher.stop();
    List<Long> published = publisher.acknowledged();
    Await.until("the last deliveries", () -> cluster.watch().hasSeen(published));
    return new FailoverReport(
        failovers,
        published.stream().mapToLong(last -> last + 1).sum(),
        cluster.watch().partitions().stream().mapToLong(PartitionWatch::skipped).sum());
  }
}
