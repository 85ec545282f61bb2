// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.clock.PlayedBrokerTime;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a timeline says of positions whose messages it does not hold. */
class TimelineGapTest extends TimelineWriterFixture {

  @Test
  void shouldPublishIdlePartitionAgainAfterFlushAndReportGap() {
    try (TimelineWriter _ = startWriter()) {
      // Given
      long first = send(10);
      awaitWatermark();
      assertThat(read(first, endOffset() - 1).gapPossible()).isFalse();

      // When
      redis.commands().flushall();

      // Then
      assertThat(read(first, endOffset() - 1))
          .isEqualTo(new TimelinePage(List.of(), true, endOffset() - 1));
    }
  }

  @Test
  void shouldReportGapWhenRedisWasFlushedWhileNoWriterRan() {
    long first = send(10);
    try (TimelineWriter _ = startWriter()) {
      awaitWatermark();
    }

    redis.commands().flushall();

    try (TimelineWriter _ = startWriter()) {
      assertThat(read(first, endOffset() - 1))
          .isEqualTo(new TimelinePage(List.of(), true, endOffset() - 1));
    }
  }

  @Test
  void shouldReportGapWhenKafkaDeletedMessagesBeforeTheyWereRead() throws Exception {
    // Given
    long first = send(10);
    long keptFrom = first + 6;
    admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(keptFrom))).all().get();

    // When
    try (TimelineWriter _ = startWriter()) {
      awaitWatermark();

      // Then
      assertGap(first, keptFrom);
    }
  }

  @Test
  void shouldReportGapWhenKafkaDeletedMessagesThatAWaitingWriterHadNotRead() throws Exception {
    try (TimelineWriter writer = startWriter()) {
      // Given
      send(10);
      awaitWatermark();
      redis.stop();
      long first = send(20_000);
      Awaitility.await().until(() -> writer.retries() > 2);

      // When
      long keptFrom = endOffset() - 10;
      admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(keptFrom))).all().get();
      startRedisAgain();

      // Then
      awaitWatermark();
      assertGap(first, keptFrom);
    }
  }

  @Test
  void shouldReportGapWhenMessagesAreOlderThanTheMaximumAge() throws Exception {
    long monthAgoMillis = System.currentTimeMillis() - Duration.ofDays(30).toMillis();
    letProducersGiveTimestamps();
    // Kafka finds the first message that is young enough: it must not be of an earlier test.
    admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(endOffset()))).all().get();
    long old = send(ADDRESS, new byte[10], monthAgoMillis);
    long young = send(ADDRESS, new byte[10], null);

    try (TimelineWriter _ = startWriter()) {
      awaitWatermark();
      Awaitility.await().until(() -> read(old - 1, young).gapPossible());
      assertThat(read(old, young).gapPossible()).isFalse();
      assertThat(offsets(read(old, young))).containsExactly(young);
    }
  }

  @Test
  void shouldJudgeTheAgeOfMessagesByTheBrokersTime() {
    // Longer than this test may take, so that nothing ages by the true time.
    Duration ageMax = Duration.ofMinutes(5);
    try (TimelineWriter _ = TimelineWriter.start(config(redis.uri(), ageMax))) {
      long first = send(1);
      awaitWatermark();
      assertThat(read(first - 1, first).gapPossible()).isFalse();

      PlayedBrokerTime.whileAhead(
          ageMax.multipliedBy(60),
          () ->
              Awaitility.await()
                  .until(
                      () -> {
                        send(1);
                        return read(first - 1, first).gapPossible();
                      }));
    }
  }

  /** With producers' timestamps, a month-old record would be deleted at once, or keep others. */
  @Test
  void shouldGiveMessagesTheBrokersTimeWhenTheProducersClockIsWrong() throws Exception {
    letProducersGiveTimestamps();
    long beforeMillis = System.currentTimeMillis();

    try (TimelineWriter _ = startWriter()) {
      long monthMillis = Duration.ofDays(30).toMillis();

      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(timestampOf(send(ADDRESS, new byte[1], beforeMillis - monthMillis)))
                      .isBetween(beforeMillis, System.currentTimeMillis()));
      assertThat(timestampOf(send(ADDRESS, new byte[1], beforeMillis + monthMillis)))
          .isBetween(beforeMillis, System.currentTimeMillis());
    }
  }

  @Test
  void shouldCoverOffsetsThatHoldNoMessageWhenTheProducerIsTransactional() {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "holes");
    try (TimelineWriter _ = startWriter();
        var transactional =
            new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      transactional.initTransactions();
      long first = endOffset();
      for (int i = 0; i < 100; i++) {
        transactional.beginTransaction();
        var _ =
            transactional.send(
                new ProducerRecord<>(TopicCatalogue.MESSAGES, ADDRESS, new byte[10]));
        transactional.commitTransaction();
      }
      // The marker of the last transaction is appended a moment later. Readers wait for it.
      Awaitility.await().until(() -> endOffset() == first + 200);

      awaitWatermark();

      TimelinePage page = read(first - 1, first + 199);
      assertThat(page.entries()).hasSize(100);
      assertThat(page.gapPossible()).isFalse();
      assertThat(page.complete()).isTrue();
    }
  }

  /**
   * The messages from {@code first} on are lost up to {@code keptFrom}, and all others are there.
   */
  private void assertGap(long first, long keptFrom) throws Exception {
    long last = endOffset() - 1;
    assertThat(read(first - 1, last).gapPossible()).isTrue();
    assertThat(offsets(read(first - 1, last))).containsExactlyElementsOf(range(keptFrom, last));
    assertThat(read(keptFrom - 1, last).gapPossible()).isFalse();
  }
}
