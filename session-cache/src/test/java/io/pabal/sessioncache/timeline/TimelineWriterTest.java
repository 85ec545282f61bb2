// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Messages of a real Kafka reach a real Redis, whatever fails between the two. */
class TimelineWriterTest extends TimelineWriterFixture {

  @Test
  void shouldCopyMessagesUntouched() {
    try (TimelineWriter _ = startWriter()) {
      byte[] value = {0, -1, 13, 10, -128};

      long offset = send(ADDRESS, value, null);

      TimelinePage page = read(offset - 1, offset);
      assertThat(page.entries()).hasSize(1);
      assertThat(page.entries().getFirst().value()).isEqualTo(value);
      assertThat(page.gapPossible()).isFalse();
      assertThat(page.complete()).isTrue();
    }
  }

  @Test
  void shouldCommitWhatRedisHasWhenClosed() {
    try (TimelineWriter _ = startWriter()) {
      send(100);
      awaitWatermark();
    }
    assertThat(committed()).isEqualTo(endOffset());
  }

  @Test
  void shouldLoseNothingWhenWritersComeAndGo() {
    long first = send(100);
    TimelineWriter leaving = startWriter();
    try (TimelineWriter _ = startWriter()) {
      send(1_000);
      leaving.close();
      send(1_000);
      long last = endOffset() - 1;

      awaitWatermark();
      TimelinePage page = read(first - 1, last);
      assertThat(page.gapPossible()).isFalse();
      assertThat(offsets(page)).containsExactlyElementsOf(range(first, last));
    }
    assertThat(await(leaving.terminated())).isNull();
  }

  @Test
  void shouldSkipRecordsThatAreNotMessages() throws Exception {
    try (TimelineWriter writer = startWriter();
        var anything =
            new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      for (var record :
          new MalformedRecords(
                  TopicCatalogue.MESSAGES, ADDRESS, new byte[9], new DeliveryHeader.Evict(1))
              .next(100, 0)) {
        var sendable =
            new ProducerRecord<>(
                record.topic(), 0, null, record.key(), record.value(), record.headers());
        anything.send(sendable).get();
      }
      long offset = send(ADDRESS, new byte[] {1, 2, 3}, null);

      TimelinePage page = read(offset - 1, offset);
      assertThat(offsets(page)).containsExactly(offset);
      assertThat(page.gapPossible()).isFalse();
      assertThat(writer.malformed()).isPositive();
    }
  }
}
