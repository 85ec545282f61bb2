// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorConfig.Admission;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.connector.ConnectorConfig.Tracing;
import io.pabal.router.Router;
import io.pabal.schemas.registry.RegistryConfig;
import io.pabal.schemas.topic.Partitions;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.TimelineKeys;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A whole pipeline in this JVM: a {@link Backbone}, its own or the shared one, and connectors c1,
 * c2 and so on.
 */
final class Pipeline implements AutoCloseable {

  private final Backbone backbone;
  private final boolean shared;
  private final List<Connector> connectors = new ArrayList<>();
  private final Drain drain;
  private final Admission admission;
  private final Map<String, Tracing> tracing;

  private Pipeline(
      Backbone backbone,
      boolean shared,
      int connectorCount,
      Drain drain,
      Admission admission,
      Map<String, Tracing> tracing) {
    this.backbone = backbone;
    this.shared = shared;
    this.drain = drain;
    this.admission = admission;
    this.tracing = tracing;
    for (int i = 1; i <= connectorCount; i++) {
      connectors.add(Connector.start(config("c" + i)));
    }
  }

  /** The key of an address's timeline. */
  static String timeline(String address) {
    int partitions = TopicCatalogue.PARTITIONS_DEFAULT;
    return new TimelineKeys(partitions).timeline(Partitions.of(address, partitions), address);
  }

  /** Connectors on the shared backbone. */
  static Pipeline on(Backbone shared, int connectorCount) {
    return on(shared, connectorCount, Map.of());
  }

  /** Connectors on the shared backbone, of which those that {@code tracing} names trace. */
  static Pipeline on(Backbone shared, int connectorCount, Map<String, Tracing> tracing) {
    return new Pipeline(
        shared, true, connectorCount, Drain.defaults(), Admission.defaults(), tracing);
  }

  /** A pipeline that has all its parts for itself. */
  static Pipeline start(Path data, int connectorCount) throws Exception {
    return start(data, connectorCount, Drain.defaults(), Admission.defaults());
  }

  /** A pipeline of its own whose connectors leave and let in as they are told. */
  static Pipeline start(Path data, int connectorCount, Drain drain, Admission admission)
      throws Exception {
    return new Pipeline(
        Backbone.start(data, null), false, connectorCount, drain, admission, Map.of());
  }

  /** A pipeline of its own with a schema registry. */
  static Pipeline start(Path data, int connectorCount, RegistryConfig registry) throws Exception {
    return new Pipeline(
        Backbone.start(data, registry),
        false,
        connectorCount,
        Drain.defaults(),
        Admission.defaults(),
        Map.of());
  }

  ConnectorConfig config(String id) {
    var config =
        new ConnectorConfig(
            id,
            new ConnectorConfig.Listener("127.0.0.1", 0, true),
            ConnectorConfig.Kafka.defaults(bootstrapServers()).withRegistry(backbone.registry()),
            redisUri(),
            ConnectorConfig.Limits.defaults(),
            drain,
            admission);
    return config.withTracing(tracing.get(id));
  }

  String bootstrapServers() {
    return backbone.bootstrapServers();
  }

  URI redisUri() {
    return backbone.redisUri();
  }

  /** The port of connector c1, c2 and so on. */
  int port(int connector) {
    return connectors.get(connector - 1).address().getPort();
  }

  Connector connector(int number) {
    return connectors.get(number - 1);
  }

  Router router() {
    return backbone.router();
  }

  TimelineWriter timelineWriter() {
    return backbone.timelineWriter();
  }

  void stopKafka() {
    backbone.stopKafka();
  }

  void startKafka() {
    backbone.startKafka();
  }

  @Override
  public void close() {
    connectors.forEach(Connector::close);
    if (!shared) {
      backbone.close();
    }
  }
}
