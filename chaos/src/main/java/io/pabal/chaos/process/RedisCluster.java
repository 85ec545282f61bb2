// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import io.pabal.chaos.plan.ProcessKind;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The Redis Cluster of a run: three primaries with a replica each. Its servers are child processes
 * of this JVM, which end with it.
 */
public final class RedisCluster implements AutoCloseable {

  private static final List<ProcessKind> PRIMARIES =
      List.of(ProcessKind.REDIS_1, ProcessKind.REDIS_2, ProcessKind.REDIS_3);

  private final EmbeddedRedisCluster cluster;
  private final Map<ProcessKind, RedisShard> shards = new EnumMap<>(ProcessKind.class);

  private RedisCluster(EmbeddedRedisCluster cluster) {
    this.cluster = cluster;
    List<Integer> ports = cluster.ports();
    for (int i = 0; i < PRIMARIES.size(); i++) {
      // The replicas follow the primaries in the same order.
      shards.put(
          PRIMARIES.get(i),
          new RedisShard(cluster, List.of(ports.get(i), ports.get(i + PRIMARIES.size()))));
    }
  }

  /** Starts the cluster and returns when it is ready. Blocks. */
  public static RedisCluster start(Path directory) {
    return new RedisCluster(
        EmbeddedRedisCluster.start(directory, ClusterLayout.of(PRIMARIES.size(), 1)));
  }

  /** The URI for clients. */
  public URI uri() {
    return cluster.uri();
  }

  /** Kills all nodes. */
  @Override
  public void close() {
    cluster.killAll();
    cluster.close();
  }

  Map<ProcessKind, RedisShard> shards() {
    return shards;
  }

  /** The primary that gets the slots that {@code source} gives away. */
  RedisShard after(ProcessKind source) {
    int next = (PRIMARIES.indexOf(source) + 1) % PRIMARIES.size();
    return Objects.requireNonNull(shards.get(PRIMARIES.get(next)));
  }
}
