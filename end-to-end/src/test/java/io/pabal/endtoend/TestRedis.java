// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real Redis: one server, or with {@code -Dpabal.test.redis=cluster} a cluster of three primaries
 * with a replica each.
 */
final class TestRedis implements AutoCloseable {

  private static final boolean CLUSTER = "cluster".equals(System.getProperty("pabal.test.redis"));

  private final URI uri;
  private final Runnable end;

  private TestRedis(URI uri, Runnable end) {
    this.uri = uri;
    this.end = end;
  }

  static TestRedis start(Path directory) {
    if (CLUSTER) {
      var cluster = EmbeddedRedisCluster.start(directory, ClusterLayout.of(3, 1));
      return new TestRedis(cluster.uri(), cluster::close);
    }
    var server = EmbeddedRedis.start(directory, 0);
    return new TestRedis(server.uri(), server::close);
  }

  URI uri() {
    return uri;
  }

  @Override
  public void close() {
    end.run();
  }

  /** A plain client of such a Redis. */
  record Client(AbstractRedisClient client, RedisClusterCommands<String, String> commands)
      implements AutoCloseable {

    static Client of(URI redis) {
      if (redis.getScheme().equals("redis-cluster")) {
        List<RedisURI> nodes =
            Stream.of(redis.getAuthority().split(",", -1))
                .map(node -> RedisURI.create("redis://" + node))
                .toList();
        RedisClusterClient client = RedisClusterClient.create(nodes);
        return new Client(client, client.connect().sync());
      }
      RedisClient client = RedisClient.create(redis.toString());
      return new Client(client, client.connect().sync());
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }
}
