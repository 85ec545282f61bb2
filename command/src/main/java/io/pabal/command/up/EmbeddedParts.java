// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.foreground.Part;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.EmbeddedRegistry;
import io.pabal.embedded.GroupSettings;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import java.nio.file.Path;

/** Kafka, Redis and the schema registry as parts. */
final class EmbeddedParts {

  private EmbeddedParts() {}

  static Part kafka(Path directory, int port, GroupSettings groups) {
    EmbeddedKafka kafka = EmbeddedKafka.start(directory, port, groups);
    return new Part("kafka", kafka.bootstrapServers(), kafka.terminated(), kafka);
  }

  static Part redis(Path directory, int port) {
    EmbeddedRedis redis = EmbeddedRedis.start(directory, port);
    return new Part("redis", "127.0.0.1:" + redis.port(), redis.terminated(), redis);
  }

  static Part redisCluster(Path directory, ClusterLayout layout) {
    EmbeddedRedisCluster redis = EmbeddedRedisCluster.start(directory, layout);
    return new Part("redis", redis.uri().getRawAuthority(), redis.terminated(), redis);
  }

  static Part registry(Path home, Path directory, int port) {
    EmbeddedRegistry registry = EmbeddedRegistry.start(home, directory, port);
    return new Part("registry", registry.uri().toString(), registry.terminated(), registry);
  }
}
