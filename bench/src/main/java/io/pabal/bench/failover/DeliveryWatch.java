// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import io.pabal.bench.process.Await;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Drain;
import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.DeliveryHeader.Kick;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a connector's topic in the connector's place, on a thread of its own. */
final class DeliveryWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DeliveryWatch.class);

  private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

  private final List<PartitionWatch> partitions;
  private final Map<Long, Boolean> activated = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  DeliveryWatch(
      String bootstrapServers, String connectorId, int deliveryPartitions, int messagePartitions) {
    partitions = IntStream.range(0, messagePartitions).mapToObj(p -> new PartitionWatch()).toList();
    thread =
        Thread.ofPlatform()
            .name("delivery-watch")
            .start(() -> read(bootstrapServers, connectorId, deliveryPartitions));
  }

  /** How many activations were answered. */
  int activated() {
    return activated.size();
  }

  /** The deliveries of one partition of {@code messages}. */
  PartitionWatch partition(int partition) {
    return partitions.get(partition);
  }

  /** The deliveries of each partition of {@code messages}. */
  List<PartitionWatch> partitions() {
    return partitions;
  }

  /** Whether everything up to {@code offsets}, one per partition, has come. */
  boolean hasSeen(List<Long> offsets) {
    return IntStream.range(0, offsets.size())
        .allMatch(p -> partitions.get(p).seen() >= offsets.get(p));
  }

  @Override
  public void close() {
    closed = true;
    Await.end(thread);
  }

  private void read(String bootstrapServers, String connectorId, int deliveryPartitions) {
    var deserializer = new ByteArrayDeserializer();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrapServers),
            deserializer,
            deserializer)) {
      List<TopicPartition> topic =
          IntStream.range(0, deliveryPartitions)
              .mapToObj(p -> new TopicPartition(TopicCatalogue.deliveriesTopic(connectorId), p))
              .toList();
      consumer.assign(topic);
      consumer.seekToBeginning(topic);
      while (!closed) {
        var records = consumer.poll(POLL_TIMEOUT);
        long nowNanos = System.nanoTime();
        for (ConsumerRecord<byte[], byte[]> record : records) {
          try {
            take(record, nowNanos);
          } catch (MalformedRecordException e) {
            log.warn("record skipped offset={} reason=\"{}\"", record.offset(), e.getMessage());
          }
        }
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record, long nowNanos) {
    switch (DeliveryHeader.of(record.headers())) {
      case Routed routed -> partitions.get(routed.partition()).delivered(routed.offset(), nowNanos);
      case Activated answer -> activated.put(answer.activation(), true);
      case Evict _, Kick _, Drain _, Rewind _ ->
          throw new IllegalStateException("nobody asks for anything here");
    }
  }
}
