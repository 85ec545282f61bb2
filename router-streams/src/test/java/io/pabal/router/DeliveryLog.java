// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** All records of partition 0 of one connector's topic, read while they arrive. */
public final class DeliveryLog implements AutoCloseable {

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

  public DeliveryLog(String bootstrapServers, String connectorId) {
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    var partition = new TopicPartition(TopicCatalogue.deliveriesTopic(connectorId), 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /** All records so far. */
  public List<ConsumerRecord<byte[], byte[]>> records() {
    consumer.poll(Duration.ofMillis(20)).forEach(records::add);
    return records;
  }

  /** The headers of all records so far. */
  public List<DeliveryHeader> headers() {
    return records().stream().map(record -> DeliveryHeader.of(record.headers())).toList();
  }

  /** The offsets of the messages of one partition, in the order of their first deliveries. */
  public List<Long> firstOffsets(int partition) {
    return headers().stream()
        .filter(Routed.class::isInstance)
        .map(Routed.class::cast)
        .filter(routed -> routed.partition() == partition)
        .map(Routed::offset)
        .distinct()
        .toList();
  }

  /** Fails if the first deliveries are not in the order of the messages, without a gap. */
  public void assertNothingSkipped(int partition, long firstOffset) {
    List<Long> offsets = firstOffsets(partition);
    for (int i = 0; i < offsets.size(); i++) {
      assertThat(offsets.get(i)).as("delivery %s of %s", i, offsets).isEqualTo(firstOffset + i);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
