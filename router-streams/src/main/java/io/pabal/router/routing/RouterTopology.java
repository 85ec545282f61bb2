// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import io.pabal.router.cluster.ConnectorStates;
import io.pabal.router.cluster.ConnectorStatesUpdater;
import io.pabal.router.cluster.DeliveryTopics;
import io.pabal.router.cluster.EndOffsets;
import io.pabal.router.config.StoreKind;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.table.LocationTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.LoggerFactory;

/**
 * The topology:
 *
 * <pre>
 *   messages  ──┐
 *               ├── router ── outbox ──▶ deliveries.&lt;connector id&gt;, unrouted
 *   locations ──┘     │
 *                     ├── location-table     (one partition per task, changelogged)
 *   connectors ─────▶ └── connector-states   (global: the whole of it on every router)
 * </pre>
 *
 * Both sources feed one processor, so partition n of both is one task.
 */
public final class RouterTopology {

  private static final String ROUTER = "router";
  private static final String OUTBOX = "outbox";
  private static final String CONNECTORS_UPDATER = "connectors-updater";

  /**
   * How far a timestamp may be ahead of the brokers' clock, in milliseconds; the clocks of brokers
   * differ by less.
   */
  private static final long AHEAD_MILLIS_MAX = 60_000;

  /**
   * The record's timestamp; the current time if the timestamp is negative or too far ahead. Kafka
   * Streams would fail at a record with a negative timestamp, or skip it. Brokers refuse the
   * table's changelog records whose timestamps are an hour ahead, and the task would fail again and
   * again. Both kinds occur in topics that once stored the timestamps of their producers.
   */
  private static final TimestampExtractor ANY_TIMESTAMP =
      (record, partitionTime) -> {
        long nowMillis = BrokerTime.millis();
        return record.timestamp() >= 0 && record.timestamp() <= nowMillis + AHEAD_MILLIS_MAX
            ? record.timestamp()
            : nowMillis;
      };

  private RouterTopology() {}

  /**
   * Builds the topology.
   *
   * @param feeds the division of addresses into feeds
   */
  public static Topology build(
      Feeds feeds,
      StoreKind store,
      Codecs codecs,
      DeliveryTopics topics,
      EndOffsets endOffsets,
      RouterMetrics metrics) {
    var bytes = new ByteArrayDeserializer();
    var skippedLines = Outbox.skippedLinesLimiter();
    var pinned = new PinnedPartitions();
    var skipped =
        new SkippedRecords(LoggerFactory.getLogger(RouterTopology.class), metrics.malformed);
    return new Topology()
        .addSource(
            AutoOffsetReset.earliest(),
            TopicCatalogue.MESSAGES,
            ANY_TIMESTAMP,
            bytes,
            bytes,
            TopicCatalogue.MESSAGES)
        .addSource(
            AutoOffsetReset.earliest(),
            TopicCatalogue.LOCATIONS,
            ANY_TIMESTAMP,
            bytes,
            bytes,
            TopicCatalogue.LOCATIONS)
        .addProcessor(
            ROUTER,
            () ->
                new RouterProcessor(
                    feeds, codecs, topics, endOffsets, metrics, skipped, skippedLines),
            TopicCatalogue.MESSAGES,
            TopicCatalogue.LOCATIONS)
        .addStateStore(locationTable(store), ROUTER)
        .addGlobalStore(
            connectorStates(),
            TopicCatalogue.CONNECTORS,
            ANY_TIMESTAMP,
            bytes,
            bytes,
            TopicCatalogue.CONNECTORS,
            CONNECTORS_UPDATER,
            () -> new ConnectorStatesUpdater(codecs.connectorState(), skipped))
        .<byte[], RoutedRecord>addSink(
            OUTBOX,
            (key, record, context) -> record.topic(),
            new ByteArraySerializer(),
            (topic, record) -> record.value(),
            (topic, key, record, found) -> record.partition(pinned.of(topic, found)),
            ROUTER);
  }

  private static StoreBuilder<KeyValueStore<Bytes, byte[]>> locationTable(StoreKind kind) {
    KeyValueBytesStoreSupplier supplier =
        switch (kind) {
          case IN_MEMORY -> Stores.inMemoryKeyValueStore(LocationTable.STORE);
          case ROCKSDB -> Stores.persistentKeyValueStore(LocationTable.STORE);
        };
    return Stores.keyValueStoreBuilder(supplier, Serdes.Bytes(), Serdes.ByteArray())
        .withCachingDisabled();
  }

  private static StoreBuilder<KeyValueStore<Bytes, byte[]>> connectorStates() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(ConnectorStates.STORE), Serdes.Bytes(), Serdes.ByteArray())
        .withLoggingDisabled();
  }
}
