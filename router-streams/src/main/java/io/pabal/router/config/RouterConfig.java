// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one router needs to know before it starts.
 *
 * @param bootstrapServers as Kafka's setting of that name
 * @param topics the catalogue of topics; the shared ones are created where missing
 * @param replicationFactor of topics that are created; -1 takes the broker's default
 * @param applicationId names the group of routers that share the work, its committed positions and
 *     its changelog topics; a new one routes everything that {@code messages} still holds
 * @param threads stream threads of this router, 1-64; more than there are partitions stay idle
 * @param stateDirectory for the table's local files; no two routers may share one
 * @param store where the location table is held
 * @param standbyReplicas copies of each partition's table kept warm on other routers, 0-9
 * @param groupProtocol how the routers share the partitions; the same for all routers of an
 *     application
 * @param sessionTimeout after this long without a sign of life a router is taken for dead and the
 *     others take over, 1-60 s; brokers refuse less than they are configured for ({@code
 *     group.min.session.timeout.ms}, 6 s by default)
 * @param registry gives the ids of schemas; null: they are fixed
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

  /** The shortest session timeout that brokers with Kafka's defaults take. */
  public static final Duration SESSION_TIMEOUT_DEFAULT = Duration.ofSeconds(6);

  private static final Duration SESSION_TIMEOUT_MIN = Duration.ofSeconds(1);
  private static final Duration SESSION_TIMEOUT_MAX = Duration.ofMinutes(1);

  /** Checks the bounds. */
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

  /** A router without a schema registry. */
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

  /** One thread, the table in memory, one standby, against {@code bootstrapServers}. */
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

  /** The same with other topics. */
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

  /** The same with another session timeout. */
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

  /** The same with a schema registry. */
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
