// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.drain.ServerReferences;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.Tracing;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The delivery consumer skips unexpected records of its two topics and reads on behind them. */
class UnexpectedDeliveriesTest {

  private static final String TOPIC = "deliveries.c1";
  private static final String ROOM = "rooms/1";
  private static final long INCARNATION = 7;
  private static final byte[] MESSAGE =
      Codecs.MESSAGE.encode(
          Message.newBuilder()
              .setAddress(ROOM)
              .setPublishedAt(Instant.EPOCH)
              .setPayload(ByteBuffer.wrap(new byte[] {'a'}))
              .build());

  private final TestLoop loop = new TestLoop();
  private final FeedTable addresses =
      new FeedTable(new DeliveryTest.NoAnnouncer(), new Feeds(1, 2), 1);
  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final TestSubscriber subscriber = new TestSubscriber();
  private final Feed address = addresses.acquire(ROOM);
  private final DeliveryConsumer consumer =
      new DeliveryConsumer(
          new MockConsumer<>("earliest"),
          TOPIC,
          INCARNATION,
          addresses,
          Codecs.MESSAGE,
          List.of(new LoopContext(0, loop)),
          new Signals(),
          metrics,
          new DeliveryRings(1 << 20),
          new Tracing(new ConnectorConfig.Tracing(OpenTelemetry.noop(), 1, 1_000), metrics));

  @BeforeEach
  void subscribe() {
    address.add(0, subscriber);
  }

  @Test
  void shouldDeliverBehindMalformedRecordsOfItsTopic() {
    for (DeliveryHeader header :
        List.of(
            new Routed(0, 1, INCARNATION, address.activation()),
            new Activated(0, 1, INCARNATION, address.activation()),
            new Rewind(0, 0, 1, 1, ""))) {
      poll(new MalformedRecords(TOPIC, ROOM, MESSAGE, header).next(200, 0));
    }
    assertThat(metrics.malformed.sum()).isPositive();
    int before = subscriber.heads.size();

    poll(List.of(record(new Activated(0, 50, INCARNATION, address.activation()), null)));
    poll(List.of(record(new Routed(0, 51, INCARNATION, address.activation()), MESSAGE)));

    assertThat(subscriber.heads).hasSize(before + 1).endsWith(50L);
    assertThat(address.seen()).isEqualTo(51);
  }

  @Test
  void shouldDeliverBehindMalformedRecordsOfConnectors() {
    byte[] down =
        Codecs.CONNECTOR_STATE.encode(
            new ConnectorState(1L, ConnectorStatus.DOWN, "", 0, Instant.EPOCH));
    var records =
        new MalformedRecords(TopicCatalogue.CONNECTORS, "c2", down, new Rewind(0, 0, 1, 1, ""));

    poll(records.next(200, 0));
    poll(List.of(record(new Activated(0, 50, INCARNATION, address.activation()), null)));

    assertThat(metrics.malformed.sum()).isPositive();
    assertThat(subscriber.heads).containsExactly(50L);
  }

  @Test
  void shouldRejectAPositionOfAnotherPartition() {
    poll(List.of(record(new Activated(1, 50, INCARNATION, address.activation()), null)));
    poll(List.of(record(new Routed(1, 60, INCARNATION, address.activation()), MESSAGE)));

    assertThat(address.seen()).isEqualTo(-1);
    assertThat(subscriber.heads).isEmpty();
    assertThat(metrics.malformed.sum()).isEqualTo(2);
  }

  @Test
  void shouldGiveNothingFromMemoryAcrossARecordThatWasSkipped() {
    poll(List.of(record(new Activated(0, 50, INCARNATION, address.activation()), null)));
    poll(List.of(record(new Routed(0, 51, INCARNATION, address.activation()), MESSAGE)));
    assertThat(address.recent(50, 51, 10)).isNotNull();

    poll(List.of(record(new Routed(0, 52, INCARNATION, address.activation()), new byte[] {1})));
    poll(List.of(record(new Routed(0, 53, INCARNATION, address.activation()), MESSAGE)));
    assertThat(metrics.malformed.sum()).isEqualTo(1);
    assertThat(address.recent(51, 53, 10)).isNull();
    assertThat(address.recent(52, 53, 10)).isNotNull();

    // It is not known which position this record was for.
    var unknown = record(new Routed(0, 54, INCARNATION, address.activation()), MESSAGE);
    unknown.headers().remove(DeliveryHeader.NAME).add(DeliveryHeader.NAME, new byte[] {'?'});
    poll(List.of(unknown));
    assertThat(metrics.malformed.sum()).isEqualTo(2);
    assertThat(address.recent(52, 53, 10)).isNull();
  }

  private void poll(List<ProducerRecord<byte[], byte[]>> records) {
    var partition = new TopicPartition(records.getFirst().topic(), 0);
    List<ConsumerRecord<byte[], byte @Nullable []>> consumed =
        records.stream().map(each -> MalformedRecords.consumed(each, 0, 0)).toList();
    PlayedConsumer.dispatch(consumer, new ConsumerRecords<>(Map.of(partition, consumed), Map.of()));
    loop.run();
  }

  private static ProducerRecord<byte[], byte[]> record(
      DeliveryHeader header, byte @Nullable [] value) {
    return new ProducerRecord<>(
        TOPIC,
        0,
        0L,
        ROOM.getBytes(StandardCharsets.UTF_8),
        value,
        new RecordHeaders().add(DeliveryHeader.NAME, header.toBytes()));
  }

  private static final class Signals extends NoSignals {
    private final ServerReferences others = new ServerReferences("c1", null, Codecs.FIXED);

    @Override
    public @Nullable String connectorChanged(String connectorId, byte @Nullable [] value) {
      others.connectorChanged(connectorId, value);
      return null;
    }
  }
}
