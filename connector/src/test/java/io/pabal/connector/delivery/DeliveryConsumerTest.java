// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.clock.PlayedBrokerTime;
import io.pabal.schemas.topic.Feeds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a router's answers reach the subscribers of an address. The test hands over each poll. */
class DeliveryConsumerTest {

  private static final String TOPIC = "deliveries.c1";
  private static final long INCARNATION = 7;

  private final TestLoop loop = new TestLoop();
  private final FeedTable addresses =
      new FeedTable(new DeliveryTest.NoAnnouncer(), new Feeds(1, 2), 1);
  private final List<Feed> answered = new ArrayList<>();
  private final TestSubscriber subscriber = new TestSubscriber();
  private final Feed address = addresses.acquire("rooms/1");
  private final DeliveryConsumer consumer =
      new DeliveryConsumer(
          new MockConsumer<>("earliest"),
          TOPIC,
          INCARNATION,
          addresses,
          Codecs.MESSAGE,
          List.of(new LoopContext(0, loop)),
          new Signals(),
          new ConnectorMetrics(),
          new DeliveryRings(1 << 20),
          null);

  @BeforeEach
  void subscribe() {
    address.add(0, subscriber);
  }

  @Test
  void shouldActivateOnceWhenTheNextAnswersHaveNoNewHead() {
    activated(10);
    activated(10);
    activated(9);

    assertThat(subscriber.heads).containsExactly(10L);
    assertThat(answered).containsExactly(address);
  }

  @Test
  void shouldActivateOnTheFirstAnswerEvenIfItsHeadIsBelowTheSeenPosition() {
    address.advance(5);
    activated(3);
    activated(4);

    assertThat(address.isActive()).isTrue();
    assertThat(subscriber.heads).containsExactly(5L);
  }

  @Test
  void shouldActivateAgainForEveryHeadBeyondTheSeenPosition() {
    activated(10);
    activated(12);
    address.advance(20);
    activated(15);
    activated(21);

    assertThat(subscriber.heads).containsExactly(10L, 12L, 21L);
  }

  @ParameterizedTest
  @CsvSource({"PT0S,false", "PT2H,true", "PT-2H,false"})
  void shouldJudgeExpiryByTheBrokersTime(Duration brokersAhead, boolean expired) {
    List<Boolean> found = new ArrayList<>();
    subscriber.onDelivery = delivery -> found.add(delivery.isExpired());
    activated(10);
    var message =
        PlayedRouter.message(address.name(), "p")
            .setExpiresAt(Instant.now().plus(Duration.ofHours(1)))
            .build();

    PlayedBrokerTime.whileAhead(
        brokersAhead,
        () ->
            handOver(
                new Routed(0, 11, INCARNATION, address.activation()),
                Codecs.MESSAGE.encode(message)));

    assertThat(found).containsExactly(expired);
  }

  private void activated(long head) {
    handOver(new Activated(0, head, INCARNATION, address.activation()), null);
  }

  private void handOver(DeliveryHeader header, byte @Nullable [] value) {
    var headers = new RecordHeaders().add(DeliveryHeader.NAME, header.toBytes());
    var record =
        new ConsumerRecord<byte[], byte @Nullable []>(
            TOPIC,
            0,
            0,
            0,
            TimestampType.CREATE_TIME,
            0,
            0,
            address.name().getBytes(StandardCharsets.UTF_8),
            value,
            headers,
            Optional.empty());
    PlayedConsumer.dispatch(
        consumer,
        new ConsumerRecords<>(Map.of(new TopicPartition(TOPIC, 0), List.of(record)), Map.of()));
    loop.run();
  }

  private final class Signals extends NoSignals {
    @Override
    public void activated(Feed which) {
      answered.add(which);
    }
  }
}
