// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A connection to the one primary of a server or of Sentinel. */
final class SinglePrimary implements Primaries {

  private final RedisServer server;
  private final StatefulRedisConnection<String, byte[]> connection;
  private final List<Primary> all;

  SinglePrimary(RedisServer server, StatefulRedisConnection<String, byte[]> connection) {
    this.server = server;
    this.connection = connection;
    this.all =
        List.of(
            new Primary(
                "",
                HashTags.SLOTS,
                HashTags.ofSlot(0),
                CompletableFuture.completedStage(connection.async())));
  }

  @Override
  public RedisClusterAsyncCommands<String, byte[]> commands() {
    return connection.async();
  }

  @Override
  public boolean isCluster() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public List<Primary> all() {
    return all;
  }

  @Override
  public Optional<String> problem() {
    return isOpen()
        ? Optional.empty()
        : Optional.of("the connection is down (%s)".formatted(server.disconnectReason()));
  }

  @Override
  public void failed(Throwable failure) {
    if (RedisProblem.isOfReplica(failure)) {
      server.connectAgain(RedisProblem.describe(failure));
    }
  }

  @Override
  public boolean isRedirecting() {
    return false;
  }
}
