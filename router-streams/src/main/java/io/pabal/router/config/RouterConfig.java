// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one router.
 *
 * @param bootstrapServers as Kafka's setting of that name
 * @param topics the catalogue of topics; shared topics that are missing are created
 * @param replicationFactor the replication factor of topics that are created; -1: the broker's
 *     default
 * @param applicationId names the group of routers that share the partitions, its committed offsets
 *     and its changelog topics, 1-100 letters, digits, {@code .}, {@code _} or {@code -}; a group
 *     with a new id routes every message that {@code messages} still holds
 * @param threads stream threads of this router, 1-64; threads beyond the number of partitions stay
 *     idle
 * @param stateDirectory for the table's local files; two routers must not share one
 * @param store where the location table is held
 * @param standbyReplicas copies of each partition's table kept up to date on other routers, 0-9
 * @param groupProtocol how the partitions are assigned; the same for all routers of an application
 * @param sessionTimeout a router without a heartbeat for this long is treated as dead and the
 *     remaining routers take over, 1-60 s; brokers refuse less than their configured minimum
 *     ({@link GroupProtocol#sessionTimeoutBound()}; for {@link GroupProtocol#CLASSIC} 6 s by
 *     default)
 * @param registry gives the ids of schemas; null: the ids are fixed
 */
public record RouterConfig(
    String bootstrapServers,
    TopicCatalogue topics,
    short replicationFactor,
    String applicationId,
    int threads,
    Path stateDirectory,
    StoreKind store,
    int standbyReplicas,
    GroupProtocol groupProtocol,
    Duration sessionTimeout,
    @Nullable RegistryConfig registry) {

  /** The application id when none is configured. */
  public static final String APPLICATION_ID_DEFAULT = "pabal-router";

  /**
   * The shortest session timeout that brokers with Kafka's defaults accept for {@link
   * GroupProtocol#CLASSIC}.
   */
  public static final Duration SESSION_TIMEOUT_DEFAULT = Duration.ofSeconds(6);

  private static final Duration SESSION_TIMEOUT_MIN = Duration.ofSeconds(1);
  private static final Duration SESSION_TIMEOUT_MAX = Duration.ofMinutes(1);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a value is out of its bounds
   */
  public RouterConfig {
    if (bootstrapServers.isBlank()) {
      throw new IllegalArgumentException(
          "router.bootstrapServers: empty (expected: host:port[,host:port...])");
    }
    if (!applicationId.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new IllegalArgumentException(
          "router.applicationId: `"
              + applicationId
              + "` (expected: 1-100 letters, digits, `.`, `_` or `-`, since topics are named after"
              + " it)");
    }
    if (threads < 1 || threads > 64) {
      throw new IllegalArgumentException("router.threads: " + threads + " (expected: 1-64)");
    }
    if (standbyReplicas < 0 || standbyReplicas > 9) {
      throw new IllegalArgumentException(
          "router.standbyReplicas: " + standbyReplicas + " (expected: 0-9)");
    }
    if (sessionTimeout.compareTo(SESSION_TIMEOUT_MIN) < 0
        || sessionTimeout.compareTo(SESSION_TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException(
          "router.sessionTimeoutMillis: " + sessionTimeout.toMillis() + " (expected: 1000-60000)");
    }
  }

  /** The configuration of a router without a schema registry. */
  public RouterConfig(
      String bootstrapServers,
      TopicCatalogue topics,
      short replicationFactor,
      String applicationId,
      int threads,
      Path stateDirectory,
      StoreKind store,
      int standbyReplicas,
      GroupProtocol groupProtocol,
      Duration sessionTimeout) {
    this(
        bootstrapServers,
        topics,
        replicationFactor,
        applicationId,
        threads,
        stateDirectory,
        store,
        standbyReplicas,
        groupProtocol,
        sessionTimeout,
        null);
  }

  /**
   * The default configuration: default topics, the broker's replication factor, one thread, the
   * table in memory, one standby replica, {@link GroupProtocol#CLASSIC}, no schema registry.
   */
  public static RouterConfig defaults(String bootstrapServers, Path stateDirectory) {
    return new RouterConfig(
        bootstrapServers,
        TopicCatalogue.defaults(),
        (short) -1,
        APPLICATION_ID_DEFAULT,
        1,
        stateDirectory,
        StoreKind.IN_MEMORY,
        1,
        GroupProtocol.CLASSIC,
        SESSION_TIMEOUT_DEFAULT);
  }

  /** A copy of this configuration with other topics. */
  public RouterConfig withTopics(TopicCatalogue other) {
    return new RouterConfig(
        bootstrapServers,
        other,
        replicationFactor,
        applicationId,
        threads,
        stateDirectory,
        store,
        standbyReplicas,
        groupProtocol,
        sessionTimeout,
        registry);
  }

  /** A copy of this configuration with another session timeout. */
  public RouterConfig withSessionTimeout(Duration timeout) {
    return new RouterConfig(
        bootstrapServers,
        topics,
        replicationFactor,
        applicationId,
        threads,
        stateDirectory,
        store,
        standbyReplicas,
        groupProtocol,
        timeout,
        registry);
  }

  /** A copy of this configuration with another schema registry; null: none. */
  public RouterConfig withRegistry(@Nullable RegistryConfig other) {
    return new RouterConfig(
        bootstrapServers,
        topics,
        replicationFactor,
        applicationId,
        threads,
        stateDirectory,
        store,
        standbyReplicas,
        groupProtocol,
        sessionTimeout,
        other);
  }
}
