// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.foreground.Foreground;
import io.pabal.command.foreground.Part;
import io.pabal.command.http.HttpConfig;
import io.pabal.command.http.Monitor;
import io.pabal.command.role.RoleProcess;
import io.pabal.command.role.Roles;
import io.pabal.command.tracing.TracingConfig;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorConfig.Limits;
import io.pabal.connector.ConnectorConfig.Listener;
import io.pabal.embedded.GroupSettings;
import io.pabal.embedded.cluster.ClusterLayout;
import io.pabal.router.config.RouterConfig;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.redis.RedisAddress;
import io.pabal.sessioncache.timeline.TimelineConfig;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * Starts everything. Kafka starts first and Redis second. A registry, when one is asked for, starts
 * at the same time as Kafka and Redis. Once these parts run and the topics exist, the timeline
 * writer, the router and the connectors start at the same time.
 */
final class AllInOne implements Foreground.Script {

  private static final String LOOPBACK = "127.0.0.1";
  private static final int KAFKA_TIMEOUT_MILLIS = 15_000;
  private static final double TRACE_EVERYTHING = 1;
  private static final short BROKER_DEFAULT_REPLICATION = -1;
  private static final Duration EMBEDDED_SESSION_TIMEOUT = Duration.ofSeconds(2);

  private final UpOptions options;
  private final DataDirectory data;
  private final PrintWriter out;
  private final TopicCatalogue topics;
  private final Monitor monitor = new Monitor();

  AllInOne(UpOptions options, DataDirectory data, PrintWriter out) {
    this.options = options;
    this.data = data;
    this.topics =
        TopicCatalogue.defaults()
            .withPartitions(options.partitions)
            .withPrefixLevels(options.prefixLevels);
    this.out = out;
  }

  @Override
  public void start(Foreground foreground) throws Exception {
    expectAll();
    HttpConfig http = new HttpConfig(LOOPBACK, options.httpPort);
    Part endpoint = foreground.start("http", () -> RoleProcess.http(http, monitor)).join();
    CompletableFuture<Part> registry = registry(foreground);
    String bootstrapServers = kafka(foreground);
    URI redisUri = redis(foreground);
    ensureTopics(bootstrapServers);
    RegistryConfig registryConfig =
        registry == null ? null : RegistryConfig.at(URI.create(announced(registry).address()));

    List<CompletableFuture<Part>> parts = new ArrayList<>();
    parts.add(foreground.start(Roles.TIMELINE, () -> timeline(bootstrapServers, redisUri)));
    parts.add(foreground.start(Roles.ROUTER, () -> router(bootstrapServers, registryConfig)));
    for (int index = 0; index < options.connectors; index++) {
      ConnectorConfig config = connectorConfig(index, bootstrapServers, redisUri, registryConfig);
      parts.add(foreground.start(config.id(), () -> Roles.connector(config, tracing(), monitor)));
    }
    parts.forEach(this::announced);
    announce(endpoint.name(), endpoint.address());
    out.printf(
        "Any user name is accepted without a password; only loopback (%s) is bound.%n", LOOPBACK);
    out.println("Pabal is ready");
  }

  private void expectAll() {
    monitor.expect(Roles.TIMELINE);
    monitor.expect(Roles.ROUTER);
    for (int index = 0; index < options.connectors; index++) {
      monitor.expect(UpOptions.connectorId(index));
    }
  }

  private String kafka(Foreground foreground) {
    if (options.bootstrapServers != null) {
      announce("kafka", options.bootstrapServers);
      return options.bootstrapServers;
    }
    return announced(
            foreground.start(
                "kafka",
                () -> EmbeddedParts.kafka(data.kafka(), options.kafkaPort, GroupSettings.QUICK)))
        .address();
  }

  private URI redis(Foreground foreground) {
    if (options.redisUri != null) {
      announce("redis", RedisAddress.of(options.redisUri).toString());
      return options.redisUri;
    }
    ClusterLayout cluster = options.redisCluster;
    Part redis =
        announced(
            foreground.start(
                "redis",
                () ->
                    cluster == null
                        ? EmbeddedParts.redis(data.redis(), options.redisPort)
                        : EmbeddedParts.redisCluster(data.redisCluster(), cluster)));
    return URI.create((cluster == null ? "redis://" : "redis-cluster://") + redis.address());
  }

  /** The registry takes the longest to start, so it begins first. */
  private @Nullable CompletableFuture<Part> registry(Foreground foreground) {
    if (!options.registry) {
      return null;
    }
    return foreground.start(
        "registry",
        () ->
            EmbeddedParts.registry(
                UpOptions.registryHome(), data.registry(), options.registryPort));
  }

  private void ensureTopics(String bootstrapServers) throws InterruptedException {
    Map<String, Object> client =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            KAFKA_TIMEOUT_MILLIS,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            KAFKA_TIMEOUT_MILLIS);
    try (Admin admin = Admin.create(client)) {
      FixedPartitions.ensure(admin, client, topics, topics.shared(), BROKER_DEFAULT_REPLICATION);
    } catch (TimeoutException e) {
      throw noAnswer(bootstrapServers, e);
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
        throw noAnswer(bootstrapServers, e);
      }
      throw e;
    }
  }

  private static IllegalStateException noAnswer(String bootstrapServers, Exception cause) {
    return new IllegalStateException(
        "kafka at " + bootstrapServers + " does not answer. Check --bootstrap-servers", cause);
  }

  private Part timeline(String bootstrapServers, URI redisUri) {
    return Roles.timeline(
        TimelineConfig.defaults(bootstrapServers, redisUri)
            .withTopics(topics)
            .withSessionTimeout(sessionTimeout()),
        monitor);
  }

  private Part router(String bootstrapServers, @Nullable RegistryConfig registry) {
    return Roles.router(
        RouterConfig.defaults(bootstrapServers, data.router())
            .withTopics(topics)
            .withSessionTimeout(sessionTimeout())
            .withRegistry(registry),
        monitor);
  }

  /**
   * After a kill, the next start waits until the brokers declare the killed router dead, so the
   * embedded Kafka gets a short timeout.
   */
  private Duration sessionTimeout() {
    return options.bootstrapServers == null
        ? EMBEDDED_SESSION_TIMEOUT
        : RouterConfig.SESSION_TIMEOUT_DEFAULT;
  }

  private ConnectorConfig connectorConfig(
      int index, String bootstrapServers, URI redisUri, @Nullable RegistryConfig registry) {
    return new ConnectorConfig(
        UpOptions.connectorId(index),
        new Listener(LOOPBACK, options.port(index), true),
        ConnectorConfig.Kafka.defaults(bootstrapServers).withTopics(topics).withRegistry(registry),
        redisUri,
        Limits.defaults());
  }

  private @Nullable TracingConfig tracing() {
    return options.tracingEndpoint == null
        ? null
        : new TracingConfig(
            options.tracingEndpoint, TRACE_EVERYTHING, TracingConfig.MESSAGES_PER_SECOND_DEFAULT);
  }

  private Part announced(CompletableFuture<Part> starting) {
    Part part = starting.join();
    announce(part.name(), part.address());
    return part;
  }

  private void announce(String name, String address) {
    out.printf("%-10s %s%n", name, address);
  }
}
