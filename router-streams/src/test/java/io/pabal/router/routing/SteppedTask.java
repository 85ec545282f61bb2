// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.router.config.RouterConfig;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.streams.StreamsSettings;
import io.pabal.router.table.LocationTable;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/**
 * One task of the router on Kafka's test driver, started as Kafka Streams starts a task: with the
 * table from its changelog, at the committed offset. The test passes one record at a time and gets
 * the records that the task sends for it.
 */
public final class SteppedTask implements AutoCloseable {

  /** The topic that the location table's changes go to. */
  public static final String CHANGELOG =
      RouterConfig.APPLICATION_ID_DEFAULT + "-" + LocationTable.STORE + "-changelog";

  private final TopologyTestDriver driver;

  /**
   * A task that continues at offset {@code committed} of a partition of {@code messages} with the
   * end offset {@code endOffset}.
   *
   * @param uncommittedLocations how many of the locations to process were written before the start
   * @param table the content of the changelog: rows by prefix
   */
  public SteppedTask(
      long endOffset, long committed, long uncommittedLocations, Map<String, byte[]> table) {
    RouterConfig config = RouterConfig.defaults("nowhere:9092", Path.of("target", "stepped-task"));
    driver =
        new TopologyTestDriver(
            RouterTopology.build(
                TopicCatalogue.defaults().withPartitions(1).feeds(),
                config.store(),
                Codecs.FIXED,
                (topic, sinceMillis) -> true,
                partition ->
                    partition.topic().equals(TopicCatalogue.MESSAGES)
                        ? endOffset
                        : uncommittedLocations,
                new RouterMetrics()),
            StreamsSettings.of(config));
    for (long offset = 0; offset < committed; offset++) {
      // The driver counts offsets from 0, and the task skips records without a key.
      pipe(TopicCatalogue.MESSAGES, null, null);
    }
    KeyValueStore<Bytes, byte[]> store = driver.getKeyValueStore(LocationTable.STORE);
    table.forEach((address, row) -> store.put(Bytes.wrap(bytes(address)), row));
    var _ = takeSent();
  }

  /** Processes a record of one of the task's topics. Returns the records sent, topic by topic. */
  public List<Sent> process(String topic, String key, byte[] value) {
    pipe(topic, key, value);
    return takeSent();
  }

  @Override
  public void close() {
    driver.close();
  }

  private void pipe(String topic, @Nullable String key, byte @Nullable [] value) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(new TestRecord<>(key == null ? null : bytes(key), value));
  }

  private List<Sent> takeSent() {
    List<Sent> sent = new ArrayList<>();
    for (String topic : driver.producedTopicNames()) {
      driver
          .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
          .readRecordsToList()
          .forEach(
              record -> sent.add(new Sent(topic, record.key(), record.value(), record.headers())));
    }
    return sent;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /**
   * A record on its way to a topic.
   *
   * @param key not to be changed
   * @param value not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Sent(String topic, byte[] key, byte @Nullable [] value, Headers headers) {}
}
