// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.UsageException;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the data directory holds the data of the Redis that is to be started. Another Redis
 * would start empty beside those data, and sessions would be lost.
 */
final class RedisDataCheck {

  private RedisDataCheck() {}

  /** Throws a {@link UsageException} when the data are those of another Redis. */
  static void check(UpOptions options, DataDirectory data) throws IOException {
    if (options.redisUri != null) {
      return;
    }
    String wanted = text(options.redisCluster);
    Optional<String> made = EmbeddedRedisCluster.madeOn(data.redisCluster());
    if (made.isEmpty() && Files.isDirectory(data.redis())) {
      made = Optional.of(text(null));
    }
    if (made.filter(other -> !other.equals(wanted)).isPresent()) {
      throw new UsageException(
          "--redis-primaries: %s (expected: %s, with which %s was made). Give the same numbers, another --data, or --fresh."
              .formatted(wanted, made.get(), options.data));
    }
  }

  private static String text(@Nullable ClusterLayout cluster) {
    return cluster == null ? "one Redis" : cluster.toString();
  }
}
