// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisState;
import io.pabal.telemetry.Health.Check;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
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
  void shouldShowInItsHealthWhyRedisDoesNotTakeBatches() {
    try (TimelineWriter writer = startWriter()) {
      awaitHealth(writer, "");
      for (RedisState state :
          List.of(RedisState.READ_ONLY, RedisState.FULL, RedisState.NO_RIGHT_TO_WRITE)) {
        state.begin(redis.commands());
        awaitHealth(writer, state.said);

        state.end(redis.commands());
        awaitHealth(writer, "");
      }
    }
  }

  private static void awaitHealth(TimelineWriter writer, String part) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              Check redis =
                  writer.health().checks().stream()
                      .filter(check -> check.name().equals("redis"))
                      .findFirst()
                      .orElseThrow();
              assertThat(redis.ok()).as(redis.toString()).isEqualTo(part.isEmpty());
              assertThat(redis.detail()).contains(part);
            });
  }

  @Test
  void shouldLoseNothingWhenRedisIsAwayWhileMessagesArrive() {
    try (TimelineWriter writer = startWriter()) {
      // Given
      long first = send(10);
      awaitWatermark();

      // When
      redis.stop();
      send(2_500);
      Awaitility.await().until(() -> writer.retries() > 2);
      startRedisAgain();
      send(10);
      long last = endOffset() - 1;

      // Then
      awaitWatermark();
      TimelinePage page = read(first - 1, last);
      assertThat(page.gapPossible()).isFalse();
      assertThat(offsets(page)).containsExactlyElementsOf(range(first, last));
    }
  }

  @Test
  void shouldCommitOnlyWhatRedisHas() {
    // Given
    long first = endOffset();
    try (TimelineWriter writer = startWriter()) {
      awaitWatermark();
      redis.stop();

      // When
      send(100);
      Awaitility.await().until(() -> writer.retries() > 2);
    }
    assertThat(committed()).isEqualTo(first);
    startRedisAgain();

    // Then the next writer repeats the messages that the first one could not write
    try (TimelineWriter _ = startWriter()) {
      awaitWatermark();
      TimelinePage page = read(first - 1, endOffset() - 1);
      assertThat(page.gapPossible()).isFalse();
      assertThat(page.entries()).hasSize(100);
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

  @Test
  void shouldEndVisiblyWhenRedisTurnsOutToBelongToAnotherTopic() {
    try (TimelineWriter writer = startWriter()) {
      redis.commands().hset(TimelineKeys.WATERMARKS, "topic", "another");

      assertThatThrownBy(() -> await(writer.terminated()))
          .isInstanceOf(CompletionException.class)
          .hasMessageContaining("belongs to another topic");
    }
  }

  @Test
  void shouldSayWhereRedisWasExpectedWhenItCannotBeReached() {
    assertThatThrownBy(() -> TimelineWriter.start(config(URI.create("redis://127.0.0.1:1"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("127.0.0.1:1 cannot be reached");
  }
}
