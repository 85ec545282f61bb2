// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.output.GenericMapOutput;
import io.lettuce.core.protocol.CommandType;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What kind of server a connection leads to. */
enum ServerMode {
  /** A primary, or a replica. */
  STANDALONE,
  /** A server of a Redis Cluster. */
  CLUSTER,
  /** A Sentinel, which holds no data. */
  SENTINEL;

  private static final Logger log = LoggerFactory.getLogger(ServerMode.class);

  /**
   * Asks a server by {@code HELLO}, which needs no right. Blocks. A server that does not say is
   * taken for a standalone one.
   */
  static ServerMode of(StatefulRedisConnection<String, byte[]> connection, long timeoutMillis)
      throws InterruptedException {
    try {
      Map<String, Object> hello =
          connection
              .async()
              .dispatch(CommandType.HELLO, new GenericMapOutput<>(RedisServer.CODEC))
              .get(timeoutMillis, TimeUnit.MILLISECONDS);
      Object mode = hello.get("mode");
      return switch (mode == null ? "" : RedisLink.text(mode)) {
        case "cluster" -> CLUSTER;
        case "sentinel" -> SENTINEL;
        default -> STANDALONE;
      };
    } catch (ExecutionException | TimeoutException e) {
      log.warn(
          "redis does not tell its mode, taken for a single server reason=\"{}\"",
          RedisProblem.describe(e));
      return STANDALONE;
    }
  }
}
