// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.cluster.EndOffsets;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.StoreKind;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.streams.StreamsSettings;
import io.pabal.router.table.ConnectorIds;
import io.pabal.router.table.LocationEntries;
import io.pabal.router.table.LocationEntry;
import io.pabal.router.table.LocationTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.Location;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The topology on Kafka's test driver: one partition, offsets counted from 0 per input topic. */
final class RouterDriver implements AutoCloseable {

  final RouterMetrics metrics = new RouterMetrics();
  final Set<String> existing = new HashSet<>(Set.of("deliveries.c1", "deliveries.c2"));
  final Map<String, Integer> messageBytesMax = new HashMap<>();
  final Set<String> takingNothing = new HashSet<>();
  private final TopologyTestDriver driver;

  RouterDriver(Path stateDirectory, long endOfMessages) {
    this(stateDirectory, endOfMessages, 0);
  }

  RouterDriver(Path stateDirectory, long endOfMessages, long endOfLocations) {
    this(stateDirectory, endOfMessages, endOfLocations, 1);
  }

  /** The first of {@code partitions} partitions. */
  RouterDriver(Path stateDirectory, long endOfMessages, long endOfLocations, int partitions) {
    var config =
        new RouterConfig(
            "nowhere:9092",
            TopicCatalogue.defaults(),
            (short) 1,
            RouterConfig.APPLICATION_ID_DEFAULT,
            1,
            stateDirectory,
            StoreKind.IN_MEMORY,
            0,
            GroupProtocol.CLASSIC,
            RouterConfig.SESSION_TIMEOUT_DEFAULT);
    EndOffsets ends =
        (TopicPartition partition) ->
            partition.topic().equals(TopicCatalogue.MESSAGES) ? endOfMessages : endOfLocations;
    DeliveryTopics topics =
        new DeliveryTopics() {
          @Override
          public boolean exists(String topic, long sinceMillis) {
            return existing.contains(topic);
          }

          @Override
          public int messageBytesMax(String topic) {
            return messageBytesMax.getOrDefault(topic, Integer.MAX_VALUE);
          }

          @Override
          public boolean takesNothing(String topic) {
            return takingNothing.contains(topic);
          }
        };
    driver =
        new TopologyTestDriver(
            RouterTopology.build(
                TopicCatalogue.defaults().withPartitions(partitions).feeds(),
                config.store(),
                Codecs.FIXED,
                topics,
                ends,
                metrics),
            StreamsSettings.of(config));
  }

  void connector(String id, long incarnation, ConnectorStatus status) {
    var state = new ConnectorState(incarnation, status, "", 0, Instant.EPOCH);
    pipe(TopicCatalogue.CONNECTORS, id, Codecs.CONNECTOR_STATE.encode(state));
  }

  void present(String address, LocationEntry entry) {
    locate(address, entry, true);
  }

  void absent(String address, LocationEntry entry) {
    locate(address, entry, false);
  }

  void message(String address, String value) {
    pipe(TopicCatalogue.MESSAGES, address, value.getBytes(UTF_8));
  }

  void pipe(String topic, @Nullable String key, byte @Nullable [] value) {
    pipe(topic, new TestRecord<>(key == null ? null : key.getBytes(UTF_8), value));
  }

  void pipe(ProducerRecord<byte[], byte[]> record) {
    pipe(record.topic(), new TestRecord<>(record));
  }

  void pipe(String topic, TestRecord<byte[], byte[]> record) {
    TestInputTopic<byte[], byte[]> input =
        driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    input.pipeInput(record);
  }

  /** The records sent to a topic since the last call. */
  List<TestRecord<byte[], byte[]>> sentTo(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /** The headers of the records sent to a connector since the last call. */
  List<DeliveryHeader> headersTo(String connectorId) {
    return sentTo(TopicCatalogue.deliveriesTopic(connectorId)).stream()
        .map(record -> DeliveryHeader.of(record.headers()))
        .toList();
  }

  /** The location table's row of an address. */
  List<LocationEntry> table(String address) {
    return LocationEntries.decode(
        driver
            .<Bytes, byte[]>getKeyValueStore(LocationTable.STORE)
            .get(Bytes.wrap(address.getBytes(UTF_8))),
        new ConnectorIds());
  }

  /** Replaces the location table's row of an address; no entries: deletes the row. */
  void row(String address, LocationEntry... entries) {
    rowBytes(address, LocationEntries.encode(List.of(entries)));
  }

  /** Replaces the bytes of the location table's row of an address; null: deletes the row. */
  void rowBytes(String address, byte @Nullable [] row) {
    driver
        .<Bytes, byte[]>getKeyValueStore(LocationTable.STORE)
        .put(Bytes.wrap(address.getBytes(UTF_8)), row);
  }

  @Override
  public void close() {
    driver.close();
  }

  private void locate(String address, LocationEntry entry, boolean present) {
    var location =
        new Location(entry.connectorId(), entry.incarnation(), entry.activation(), present);
    pipe(TopicCatalogue.LOCATIONS, address, Codecs.LOCATION.encode(location));
  }
}
