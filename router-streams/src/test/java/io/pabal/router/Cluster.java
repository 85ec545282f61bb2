// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.GroupSettings;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.StoreKind;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Location;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;

/** A real Kafka and a stand-in for connectors: publishes, announces locations, creates topics. */
public final class Cluster implements AutoCloseable {

  public static final TopicCatalogue TOPICS = new TopicCatalogue(3, Duration.ofHours(1));

  /** The embedded Kafka is configured to accept this timeout. */
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(2);

  public static final Duration PATIENCE = Duration.ofMinutes(3);

  public final Admin admin;
  private final Path directory;
  private final EmbeddedKafka kafka;
  private final KafkaProducer<byte[], byte[]> producer;

  public Cluster(Path directory) throws Exception {
    this(directory, GroupSettings.QUICK);
  }

  public Cluster(Path directory, GroupSettings groups) throws Exception {
    this(directory, groups, Map.of());
  }

  public Cluster(Path directory, GroupSettings groups, Map<String, String> settings)
      throws Exception {
    this.directory = directory;
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0, groups, settings);
    Map<String, Object> clients = Map.of("bootstrap.servers", kafka.bootstrapServers());
    admin = Admin.create(clients);
    producer = new KafkaProducer<>(clients, new ByteArraySerializer(), new ByteArraySerializer());
    TopicSetup.ensure(admin, TOPICS.shared(), (short) 1);
  }

  /** A configuration for a router whose state directory is named {@code state}. */
  public RouterConfig config(String state, StoreKind store, GroupProtocol protocol) {
    return new RouterConfig(
        kafka.bootstrapServers(),
        TOPICS,
        (short) 1,
        RouterConfig.APPLICATION_ID_DEFAULT,
        1,
        directory.resolve(state),
        store,
        1,
        protocol,
        SESSION_TIMEOUT);
  }

  public Router startRouter(String state) {
    return Router.start(config(state, StoreKind.IN_MEMORY, GroupProtocol.CLASSIC));
  }

  public void createDeliveries(String connectorId) throws Exception {
    TopicSetup.ensure(admin, List.of(TopicCatalogue.deliveries(connectorId, 1)), (short) 1);
  }

  public void deleteDeliveries(String connectorId) throws Exception {
    admin
        .deleteTopics(List.of(TopicCatalogue.deliveriesTopic(connectorId)))
        .all()
        .get(Cluster.PATIENCE.toSeconds(), SECONDS);
  }

  /** Changes how large a batch the topic of a connector takes, and waits until it does. */
  public void setMaxMessageBytes(String connectorId, int bytes) throws Exception {
    var topic =
        new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.deliveriesTopic(connectorId));
    var set =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(bytes)),
            AlterConfigOp.OpType.SET);
    admin
        .incrementalAlterConfigs(Map.of(topic, List.of(set)))
        .all()
        .get(Cluster.PATIENCE.toSeconds(), SECONDS);
    patiently()
        .until(
            () ->
                Integer.toString(bytes)
                    .equals(
                        Objects.requireNonNull(
                                admin
                                    .describeConfigs(List.of(topic))
                                    .all()
                                    .get(Cluster.PATIENCE.toSeconds(), SECONDS)
                                    .get(topic))
                            .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                            .value()));
  }

  public DeliveryLog deliveries(String connectorId) {
    return new DeliveryLog(kafka.bootstrapServers(), connectorId);
  }

  public void present(String address, String connectorId) throws Exception {
    var location = new Location(connectorId, 1L, 1L, true);
    send(TopicCatalogue.LOCATIONS, address, Codecs.LOCATION.encode(location))
        .get(Cluster.PATIENCE.toSeconds(), SECONDS);
  }

  public Future<RecordMetadata> message(String address, byte[] value) {
    return send(TopicCatalogue.MESSAGES, address, value);
  }

  private Future<RecordMetadata> send(String topic, String key, byte[] value) {
    return producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value));
  }

  /** Waits until the routers have committed a partition up to {@code offset}. */
  public void awaitCommitted(TopicPartition partition, long offset) {
    patiently()
        .until(
            () -> {
              var committed =
                  admin
                      .listConsumerGroupOffsets(RouterConfig.APPLICATION_ID_DEFAULT)
                      .partitionsToOffsetAndMetadata()
                      .get(Cluster.PATIENCE.toSeconds(), SECONDS)
                      .get(partition);
              return committed != null && committed.offset() >= offset;
            });
  }

  /** Waits even while stream threads fail, because some tests make them fail. */
  public static ConditionFactory patiently() {
    return await()
        .dontCatchUncaughtExceptions()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50));
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
    kafka.close();
  }
}
