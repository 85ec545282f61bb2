// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import io.pabal.bench.process.Await;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.ClusterNode;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Claims sessions on a Redis Cluster of its own, as a connector does, and replaces one primary
 * after the other meanwhile. The cluster has the settings that are recommended for failover.
 */
public final class RedisFailoverBench {

  private static final int PRIMARIES = 3;
  private static final int REPLICAS = 1;

  private final RedisFailoverPlan plan;
  private final Consumer<String> progress;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public RedisFailoverBench(RedisFailoverPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Measures. Blocks, for twice {@link RedisFailoverPlan#settle} and usually some 10 s for each
   * failover.
   *
   * @throws IllegalStateException when something does not come about within three minutes, such as
   *     that claims are granted again
   */
  public RedisFailoverReport run() throws Exception {
    progress.accept("starting %s".formatted(ClusterLayout.of(PRIMARIES, REPLICAS)));
    try (var cluster =
            EmbeddedRedisCluster.start(plan.directory(), ClusterLayout.of(PRIMARIES, REPLICAS));
        var cache =
            SessionCache.connect(
                SessionCacheConfig.of(cluster.uri()), TopicCatalogue.PARTITIONS_DEFAULT)) {
      cache.startProbing();
      try (var traffic = ClaimTraffic.start(cache.sessions(), plan.claimsPerSecond())) {
        List<RedisFailover> failovers = new ArrayList<>();
        for (int i = 0; i < plan.failovers(); i++) {
          RedisFailover failover = failover(cluster, traffic, i);
          failovers.add(failover);
          progress.accept(
              "%d of %d: claims of the primary's sessions waited for %.0f ms at most"
                  .formatted(i + 1, plan.failovers(), failover.during().longestMillis()));
        }
        return new RedisFailoverReport(plan.how(), failovers, traffic.totals());
      }
    }
  }

  private RedisFailover failover(EmbeddedRedisCluster cluster, ClaimTraffic traffic, int number)
      throws Exception {
    List<ClusterNode> nodes = cluster.nodes();
    List<ClusterNode> primaries =
        nodes.stream()
            .filter(ClusterNode::isPrimary)
            .sorted(Comparator.comparingInt(ClusterNode::port))
            .toList();
    ClusterNode primary = primaries.get(number % primaries.size());

    Observation before = new Observation(primary::serves);
    traffic.observe(before);
    Thread.sleep(plan.settle());

    Observation during = new Observation(primary::serves);
    traffic.observe(during);
    replace(cluster, primary, replicaOf(primary, nodes));
    long replacedNanos = System.nanoTime();
    traffic.call(
        () -> {
          during.replaced(replacedNanos);
          return during;
        });
    Await.until("claims of the primary's sessions", () -> traffic.call(during::servesAgain));
    Thread.sleep(plan.settle());
    long observedNanos = System.nanoTime();
    Await.until("claims that wait", () -> traffic.hasEndedUntil(observedNanos));

    Observation after = new Observation(primary::serves);
    traffic.observe(after);
    comeBack(cluster, primary);
    return new RedisFailover(
        primary.port(),
        traffic.call(before::waits),
        traffic.call(during::waits),
        traffic.call(after::waits));
  }

  private void replace(EmbeddedRedisCluster cluster, ClusterNode primary, ClusterNode replica)
      throws IOException {
    switch (plan.how()) {
      case KILL -> cluster.kill(primary.port());
      case FREEZE -> cluster.freeze(primary.port());
      case HANDOVER -> cluster.failover(replica.port());
    }
  }

  private void comeBack(EmbeddedRedisCluster cluster, ClusterNode primary) throws IOException {
    switch (plan.how()) {
      case KILL -> cluster.startAgain(primary.port());
      case FREEZE -> cluster.thaw(primary.port());
      case HANDOVER -> {} // it never left
    }
    cluster.awaitReady();
  }

  private static ClusterNode replicaOf(ClusterNode primary, List<ClusterNode> nodes) {
    return nodes.stream()
        .filter(node -> primary.id().equals(node.primaryId()))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("primary %d has no replica".formatted(primary.port())));
  }
}
