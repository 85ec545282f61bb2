// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Polls of deliveries for one feed, handed to a consumer that reads no Kafka. */
public final class DeliveryFeed {

  /** Where the offset stands in the header's bytes. */
  private static final int OFFSET_INDEX = 5;

  private static final long INCARNATION = 1;
  private static final String TOPIC = TopicCatalogue.deliveriesTopic("c1");

  private final DeliveryConsumer consumer;
  private final ConsumerRecords<byte[], byte[]> poll;
  private final List<ByteBuffer> headers = new ArrayList<>();
  private long offset;

  /**
   * A feed of polls of {@code records} records.
   *
   * @param value of each
   */
  public DeliveryFeed(
      FeedTable feeds,
      Feed feed,
      LoopContext loop,
      ConnectorMetrics metrics,
      byte[] value,
      int records) {
    consumer =
        new DeliveryConsumer(
            new MockConsumer<>(AutoOffsetResetStrategy.LATEST.name()),
            TOPIC,
            INCARNATION,
            feeds,
            Codecs.MESSAGE,
            List.of(loop),
            new NoSignals(),
            metrics,
            new DeliveryRings(ConnectorConfig.ringBytesDefault()),
            null);
    feed.activate();
    List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      byte[] header = new Routed(feed.partition(), 0, INCARNATION, feed.activation()).toBytes();
      headers.add(ByteBuffer.wrap(header));
      polled.add(
          new ConsumerRecord<>(
              TOPIC,
              0,
              i,
              0,
              TimestampType.CREATE_TIME,
              0,
              value.length,
              feed.name().getBytes(java.nio.charset.StandardCharsets.UTF_8),
              value,
              new RecordHeaders().add(DeliveryHeader.NAME, header),
              Optional.empty()));
    }
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    poll =
        new ConsumerRecords<>(
            Map.of(partition, polled), Map.of(partition, new OffsetAndMetadata(records)));
  }

  /** Hands over the next poll. */
  public void dispatch() throws InterruptedException {
    for (ByteBuffer header : headers) {
      header.putLong(OFFSET_INDEX, offset++);
    }
    consumer.dispatch(poll);
  }

  private static final class NoSignals implements DeliveryConsumer.Signals {
    @Override
    public void evicted(String clientId, long epoch) {}

    @Override
    public void kicked(String clientId, long epoch, boolean forget) {}

    @Override
    public void drainAsked() {}

    @Override
    public void activated(Feed feed) {}

    @Override
    public @Nullable String connectorChanged(String connectorId, byte @Nullable [] value) {
      return null;
    }
  }
}
