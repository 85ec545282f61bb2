// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorConfig.Admission;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.connector.ConnectorConfig.Tracing;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.router.Router;
import io.pabal.router.config.RouterConfig;
import io.pabal.schemas.TopicCatalogue;
import io.pabal.schemas.TopicSetup;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * A whole pipeline in this JVM: real Kafka, real Redis, router, timeline writer and connectors c1,
 * c2 and so on.
 */
final class Pipeline implements AutoCloseable {

  private final EmbeddedRedis redis;
  private final Router router;
  private final TimelineWriter timelineWriter;
  private final List<Connector> connectors = new ArrayList<>();
  private final Path data;
  private final Drain drain;
  private final Admission admission;
  private final @Nullable RegistryConfig registry;
  private final Map<String, Tracing> tracing;
  private EmbeddedKafka kafka;

  private Pipeline(
      Path data,
      int connectorCount,
      Drain drain,
      Admission admission,
      @Nullable RegistryConfig registry,
      Map<String, Tracing> tracing)
      throws Exception {
    this.data = data;
    this.drain = drain;
    this.admission = admission;
    this.registry = registry;
    this.tracing = tracing;
    kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
    redis = EmbeddedRedis.start(data.resolve("redis"), 0);
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
      TopicSetup.ensure(admin, TopicCatalogue.defaults().shared(), (short) 1);
    }
    router =
        Router.start(
            RouterConfig.defaults(kafka.bootstrapServers(), data.resolve("router"))
                .withRegistry(registry));
    timelineWriter =
        TimelineWriter.start(
            new TimelineConfig(
                kafka.bootstrapServers(),
                redis.uri(),
                TopicCatalogue.defaults(),
                (short) -1,
                TimelineConfig.MESSAGES_PER_ADDRESS_MAX_DEFAULT,
                TimelineConfig.AGE_MAX_DEFAULT,
                TimelineConfig.SESSION_TIMEOUT_DEFAULT));
    for (int i = 1; i <= connectorCount; i++) {
      connectors.add(Connector.start(config("c" + i)));
    }
  }

  static Pipeline start(Path data, int connectorCount) throws Exception {
    return start(data, connectorCount, Drain.defaults(), Admission.defaults());
  }

  /** A pipeline whose connectors leave and let in as they are told. */
  static Pipeline start(Path data, int connectorCount, Drain drain, Admission admission)
      throws Exception {
    return new Pipeline(data, connectorCount, drain, admission, null, Map.of());
  }

  /** A pipeline with a schema registry. */
  static Pipeline start(Path data, int connectorCount, RegistryConfig registry) throws Exception {
    return new Pipeline(
        data, connectorCount, Drain.defaults(), Admission.defaults(), registry, Map.of());
  }

  /** A pipeline of which the connectors that {@code tracing} names trace. */
  static Pipeline start(Path data, int connectorCount, Map<String, Tracing> tracing)
      throws Exception {
    return new Pipeline(
        data, connectorCount, Drain.defaults(), Admission.defaults(), null, tracing);
  }

  ConnectorConfig config(String id) {
    var config =
        new ConnectorConfig(
            id,
            new ConnectorConfig.Listener("127.0.0.1", 0, true),
            ConnectorConfig.Kafka.defaults(kafka.bootstrapServers()).withRegistry(registry),
            redis.uri(),
            ConnectorConfig.Limits.defaults(),
            drain,
            admission);
    return config.withTracing(tracing.get(id));
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  URI redisUri() {
    return redis.uri();
  }

  /** The port of connector c1, c2 and so on. */
  int port(int connector) {
    return connectors.get(connector - 1).address().getPort();
  }

  Connector connector(int number) {
    return connectors.get(number - 1);
  }

  Router router() {
    return router;
  }

  TimelineWriter timelineWriter() {
    return timelineWriter;
  }

  void stopKafka() {
    kafka.close();
  }

  void startKafka() {
    kafka = EmbeddedKafka.start(data.resolve("kafka"), kafka.port());
  }

  @Override
  public void close() {
    connectors.forEach(Connector::close);
    router.close();
    timelineWriter.close();
    redis.close();
    kafka.close();
  }
}
