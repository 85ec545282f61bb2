// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * One process of the pipeline. A primary of a Redis Cluster and its replica are one part: a fault
 * hits the node that is the primary at the moment.
 */
public enum ProcessKind {
  @JsonProperty("broker")
  BROKER,
  @JsonProperty("redis")
  REDIS,
  @JsonProperty("timeline")
  TIMELINE,
  @JsonProperty("router-1")
  ROUTER_1,
  @JsonProperty("router-2")
  ROUTER_2,
  @JsonProperty("connector-1")
  CONNECTOR_1,
  @JsonProperty("connector-2")
  CONNECTOR_2,
  @JsonProperty("connector-3")
  CONNECTOR_3,
  @JsonProperty("redis-1")
  REDIS_1,
  @JsonProperty("redis-2")
  REDIS_2,
  @JsonProperty("redis-3")
  REDIS_3;

  private static final Set<ProcessKind> CLUSTER =
      Collections.unmodifiableSet(EnumSet.of(REDIS_1, REDIS_2, REDIS_3));

  /** The parts of a pipeline on one Redis. */
  public static Set<ProcessKind> onOneRedis() {
    return EnumSet.complementOf(EnumSet.copyOf(CLUSTER));
  }

  /** The parts of a pipeline on a Redis Cluster. */
  public static Set<ProcessKind> onRedisCluster() {
    return EnumSet.complementOf(EnumSet.of(REDIS));
  }

  /** Whether the part is a primary of a Redis Cluster, whichever of its two nodes that is now. */
  public boolean isRedisPrimary() {
    return CLUSTER.contains(this);
  }

  /** The part's name in files and messages, such as {@code router-1}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
