// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.Bounds;
import io.pabal.command.UsageException;
import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Flags;
import io.pabal.command.config.setting.ValueType;
import io.pabal.embedded.EmbeddedRegistry;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code pabal up}. */
final class UpOptions {

  private static final int CONNECTORS_MAX = 100;
  private static final int PARTITIONS_MAX = 1_000;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "1883",
      description =
          "MQTT port of the first connector, 0 for a free one; the others follow (default: 1883).")
  int port;

  @Option(
      names = "--connectors",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many connectors, with the ids c1, c2 ... (default: 1).")
  int connectors;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "./data",
      description = "Where everything is kept, also across restarts (default: ./data).")
  Path data = Path.of("data");

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "" + TopicCatalogue.PARTITIONS_DEFAULT,
      description =
          "Partitions of messages and the other topics, fixed when they are created (default: 12). Fewer cost less: on two cores 2 are quickest.")
  int partitions;

  @Option(
      names = "--prefix-levels",
      paramLabel = "N",
      defaultValue = "" + Feeds.PREFIX_LEVELS_DEFAULT,
      description =
          "Levels of an address that make its prefix, which has an order and a cursor of its own; 0: the whole address (default: 2). Fixed when messages is created.")
  int prefixLevels;

  @Option(names = "--fresh", description = "Delete what is in the data directory first.")
  boolean fresh;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "Port of the Kafka that is started, 0 for a free one (default: 9092).")
  int kafkaPort;

  @Option(
      names = "--redis-port",
      paramLabel = "PORT",
      defaultValue = "6379",
      description =
          "Port of the Redis that is started, 0 for a free one (default: 6379). With --redis-primaries that of its first node; the others follow, and each also listens 10,000 higher.")
  int redisPort;

  @Option(
      names = "--redis-primaries",
      paramLabel = "N",
      description =
          "Start a Redis Cluster with so many primaries, 1 or 3-100 (default: one Redis that is no cluster).")
  private @Nullable Integer redisPrimaries;

  @Option(
      names = "--redis-replicas",
      paramLabel = "N",
      description =
          "Replicas of each primary, 0-5; one takes over when its primary fails (default: 0).")
  private @Nullable Integer redisReplicas;

  @Option(
      names = "--registry",
      description = "Start a schema registry, too, which gives the ids of schemas.")
  boolean registry;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "Port of the schema registry, 0 for a free one (default: 8081).")
  int registryPort;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "9630",
      description = "Port of /metrics and /health, 0 for a free one (default: 9630).")
  int httpPort;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Use this Kafka cluster instead of starting one.")
  private @Nullable String bootstrapServersText;

  @Option(
      names = "--redis-uri",
      paramLabel = "URI",
      description = "Use this Redis instead of starting one.")
  private @Nullable String redisUriText;

  @Option(
      names = "--tracing-endpoint",
      paramLabel = "URL",
      description =
          "Trace messages, at most 100 a second, and send spans there by OTLP over HTTP: http://127.0.0.1:4318/v1/traces.")
  private @Nullable String tracingEndpointText;

  @Nullable String bootstrapServers;
  @Nullable URI redisUri;

  /** The Redis Cluster that is started; null: one Redis, or the Redis of {@link #redisUri}. */
  @Nullable ClusterLayout redisCluster;

  @Nullable URI tracingEndpoint;

  /** Parses the addresses. Throws a {@link UsageException} when a value is not allowed. */
  void check() {
    Bounds.between("--connectors", connectors, 1, CONNECTORS_MAX);
    Bounds.between("--partitions", partitions, 1, PARTITIONS_MAX);
    Bounds.between("--prefix-levels", prefixLevels, 0, Feeds.PREFIX_LEVELS_MAX);
    if (registry) {
      var _ = registryHome();
    }
    bootstrapServers = parsed("--bootstrap-servers", AddressTypes.SERVERS, bootstrapServersText);
    redisUri = parsed("--redis-uri", AddressTypes.REDIS_URI, redisUriText);
    redisCluster = redisCluster();
    tracingEndpoint =
        parsed("--tracing-endpoint", AddressTypes.HTTP_URI_WITHOUT_PASSWORD, tracingEndpointText);
  }

  private @Nullable ClusterLayout redisCluster() {
    if (redisPrimaries == null) {
      if (redisReplicas != null) {
        throw new UsageException(
            "--redis-replicas: %d (expected: --redis-primaries, too). A single Redis has no replicas here."
                .formatted(redisReplicas));
      }
      return null;
    }
    if (redisUri != null) {
      throw new UsageException(
          "--redis-primaries: %d (expected: not together with --redis-uri). Leave one of them out."
              .formatted(redisPrimaries));
    }
    if (redisPrimaries == 2) {
      throw new UsageException(
          "--redis-primaries: 2 (expected: 1, or 3-%d). Of two primaries, one alone is no majority."
              .formatted(ClusterLayout.PRIMARIES_MAX));
    }
    Bounds.between("--redis-primaries", redisPrimaries, 1, ClusterLayout.PRIMARIES_MAX);
    int replicas = redisReplicas == null ? 0 : redisReplicas;
    Bounds.between("--redis-replicas", replicas, 0, ClusterLayout.REPLICAS_MAX);
    return ClusterLayout.of(redisPrimaries, replicas).withFirstPort(redisPort);
  }

  private static <T> @Nullable T parsed(String flag, ValueType<T> type, @Nullable String text) {
    return text == null ? null : Flags.parse(flag, type, text);
  }

  /**
   * The directory of the registry's server.
   *
   * @throws UsageException when the server is not there
   */
  static Path registryHome() {
    String home = System.getProperty(EmbeddedRegistry.HOME_PROPERTY, "");
    if (!EmbeddedRegistry.isHome(Path.of(home))) {
      throw new UsageException(
          "--registry: no server in %s (expected: the unpacked Apicurio). Start pabal by its launcher, which fetches it."
              .formatted(home.isEmpty() ? "any place" : home));
    }
    return Path.of(home);
  }

  /** The port of connector number {@code index}, from 0. */
  int port(int index) {
    return port == 0 ? 0 : port + index;
  }

  /** The id of connector number {@code index}, from 0. */
  static String connectorId(int index) {
    return "c" + (index + 1);
  }
}
