// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import io.pabal.schemas.address.HostAndPort;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A connection to all primaries of a Redis Cluster.
 *
 * <p>A command whose primary is not connected fails at once, so the connections to primaries are
 * opened before there is a command for them ({@link #open}).
 */
final class ClusterPrimaries implements Primaries {

  private final ClusterTopology topology;
  private final StatefulRedisClusterConnection<String, byte[]> connection;

  ClusterPrimaries(
      ClusterTopology topology, StatefulRedisClusterConnection<String, byte[]> connection) {
    this.topology = topology;
    this.connection = connection;
  }

  /** Opens the connections to the primaries. Completes when each is open or has failed. */
  CompletableFuture<?> open() {
    return CompletableFuture.allOf(
        connection.getPartitions().stream()
            .filter(node -> node.is(NodeFlag.UPSTREAM))
            .map(node -> connect(node).handle((done, failure) -> done))
            .toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<StatefulRedisConnection<String, byte[]>> connect(
      RedisClusterNode node) {
    RedisURI uri = node.getUri();
    return connection.getConnectionAsync(uri.getHost(), uri.getPort());
  }

  /** Disconnects. */
  CompletableFuture<?> close() {
    return connection.closeAsync();
  }

  @Override
  public RedisClusterAsyncCommands<String, byte[]> commands() {
    return connection.async();
  }

  @Override
  public boolean isCluster() {
    return true;
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public List<Primary> all() {
    List<Primary> all = new ArrayList<>();
    for (RedisClusterNode node : connection.getPartitions()) {
      BitSet slots = slots(node);
      if (!slots.isEmpty()) {
        all.add(
            new Primary(
                name(node),
                slots.cardinality(),
                HashTags.ofSlot(slots.nextSetBit(0)),
                connect(node).thenApply(StatefulRedisConnection::async)));
      }
    }
    return all;
  }

  @Override
  public Optional<String> problem() {
    BitSet served = new BitSet(HashTags.SLOTS);
    List<String> down = new ArrayList<>();
    for (RedisClusterNode node : connection.getPartitions()) {
      BitSet slots = slots(node);
      if (!node.is(NodeFlag.FAIL)) {
        served.or(slots);
      } else if (!slots.isEmpty()) {
        down.add(name(node));
      }
    }
    int missing = HashTags.SLOTS - served.cardinality();
    return missing == 0
        ? Optional.empty()
        : Optional.of(
            "%d of %d slots are not served (%s). Start their primary, or let a replica take over."
                .formatted(
                    missing,
                    HashTags.SLOTS,
                    down.isEmpty() ? "no primary has them" : "down: " + String.join(", ", down)));
  }

  @Override
  public void failed(Throwable failure) {
    if (RedisProblem.isOfServer(failure)) {
      topology.refreshSoon();
    }
  }

  @Override
  public boolean isRedirecting() {
    return topology.isRedirecting();
  }

  private static BitSet slots(RedisClusterNode node) {
    BitSet slots = new BitSet(HashTags.SLOTS);
    if (node.is(NodeFlag.UPSTREAM)) {
      node.forEachSlot(slots::set);
    }
    return slots;
  }

  private static String name(RedisClusterNode node) {
    return HostAndPort.text(node.getUri().getHost(), node.getUri().getPort());
  }
}
