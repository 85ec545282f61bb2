// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;

/** A real Redis Cluster of three primaries, started once for this JVM; it ends with it. */
final class SharedCluster implements RedisFixture.Servers {

  private static final class Holder {
    static final SharedCluster SHARED = new SharedCluster();
  }

  private final EmbeddedRedisCluster cluster;
  private RedisClusterClient client;
  private RedisClusterCommands<String, String> commands;

  private SharedCluster() {
    try {
      cluster =
          EmbeddedRedisCluster.start(
              Files.createTempDirectory("pabal-session-cache-test"), ClusterLayout.of(3, 0));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    connect();
  }

  static SharedCluster get() {
    return Holder.SHARED;
  }

  /** A plain client of a cluster. */
  static RedisClusterClient client(EmbeddedRedisCluster cluster) {
    return RedisClusterClient.create(
        cluster.ports().stream().map(port -> RedisURI.create("127.0.0.1", port)).toList());
  }

  private void connect() {
    client = client(cluster);
    commands = client.connect().sync();
  }

  @Override
  public URI uri() {
    return cluster.uri();
  }

  @Override
  public RedisClusterCommands<String, String> commands() {
    return commands;
  }

  @Override
  public List<Long> pids() {
    return cluster.ports().stream().map(cluster::pid).toList();
  }

  @Override
  public List<Integer> ports() {
    return cluster.ports();
  }

  @Override
  public void stop() {
    client.shutdown();
    cluster.ports().forEach(cluster::kill);
  }

  @Override
  public void startAgain() {
    cluster.ports().forEach(cluster::startAgain);
    cluster.awaitReady();
    connect();
  }

  @Override
  public void close() {
    if (!cluster.isReady()) {
      startAgain();
    }
  }
}
