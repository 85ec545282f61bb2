// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.router.cluster.ConnectorStates;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.table.LocationEntry;
import io.pabal.router.table.LocationTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.slf4j.LoggerFactory;

/**
 * One message of 10,000 addresses through the router's processor, with the table in memory. Kafka
 * Streams around it is left out: the context keeps what is forwarded until the next message.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // prepare() comes first
public class RoutingBenchmark {

  private static final int ADDRESSES = 10_000;
  private static final int VALUE_BYTES = 150;

  /** Connectors with a live session of each address. */
  @Param({"1", "3"})
  public int connectors;

  private final byte[][] addresses = new byte[ADDRESSES][];
  private final byte[] value = new byte[VALUE_BYTES];
  private MockProcessorContext<byte[], RoutedRecord> context;
  private RouterProcessor processor;
  private long offset;

  /** Fills the table. */
  @Setup
  public void prepare() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "routing-benchmark");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    context = new MockProcessorContext<>(settings, new TaskId(0, 0), null);
    KeyValueStore<Bytes, byte[]> rows = store(LocationTable.STORE);
    KeyValueStore<Bytes, byte[]> states = store(ConnectorStates.STORE);
    var metrics = new RouterMetrics();
    var skipped =
        new SkippedRecords(LoggerFactory.getLogger(RoutingBenchmark.class), metrics.malformed);
    LocationTable table = new LocationTable(rows, skipped);
    for (int i = 0; i < ADDRESSES; i++) {
      addresses[i] = ("rooms/" + i).getBytes(UTF_8);
      for (int c = 0; c < connectors; c++) {
        table.put(addresses[i], new LocationEntry("c" + c, 1, i + 1));
      }
    }
    for (int c = 0; c < connectors; c++) {
      var state =
          ConnectorState.newBuilder()
              .setIncarnation(1)
              .setStatus(ConnectorStatus.UP)
              .setHost("127.0.0.1")
              .setPort(1883)
              .setSince(Instant.EPOCH)
              .build();
      states.put(Bytes.wrap(("c" + c).getBytes(UTF_8)), Codecs.CONNECTOR_STATE.encode(state));
    }
    context.setCurrentSystemTimeMs(System.currentTimeMillis());
    processor =
        new RouterProcessor(
            new Feeds(1, 2),
            Codecs.FIXED,
            (topic, sinceMillis) -> true,
            partition -> 0,
            metrics,
            skipped,
            Outbox.skippedLinesLimiter());
    processor.init(context);
  }

  /** Routes one message. */
  @Benchmark
  public int route() {
    processor.process(next());
    return forwarded();
  }

  /** The harness's share: the same records, forwarded as they are. */
  @Benchmark
  public int harness() {
    Record<byte[], byte[]> record = next();
    for (int i = 0; i < connectors; i++) {
      context.forward(record.withValue(UNCHANGED));
    }
    return forwarded();
  }

  private static final RoutedRecord UNCHANGED =
      new RoutedRecord(TopicCatalogue.UNROUTED, 0, new byte[VALUE_BYTES]);

  private Record<byte[], byte[]> next() {
    long nowMillis = System.currentTimeMillis();
    context.setCurrentSystemTimeMs(nowMillis);
    context.setRecordMetadata(TopicCatalogue.MESSAGES, 0, offset);
    byte[] address = addresses[(int) (offset++ % ADDRESSES)];
    return new Record<>(address, value, nowMillis, new RecordHeaders());
  }

  private int forwarded() {
    int count = context.forwarded().size();
    if (count != connectors) {
      throw new IllegalStateException("forwarded " + count);
    }
    context.resetForwards();
    return count;
  }

  private KeyValueStore<Bytes, byte[]> store(String name) {
    KeyValueStore<Bytes, byte[]> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .withCachingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
    return store;
  }
}
