// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisException;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.RedisState;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.telemetry.Health.Check;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a real Kafka to a real Redis. The tests share one partition, each with a Redis of its own.
 */
@Timeout(120)
class TimelineWriterTest {

  private static final TopicCatalogue TOPICS = new TopicCatalogue(1, Duration.ofDays(7));
  private static final TopicPartition PARTITION = new TopicPartition(TopicCatalogue.MESSAGES, 0);
  private static final String ADDRESS = "rooms/42";
  private static final int COUNT_MAX = 100_000;

  private static EmbeddedKafka kafka;
  private static Admin admin;
  private static KafkaProducer<String, byte[]> producer;

  private RedisFixture redis;
  private SessionCache cache;

  @BeforeAll
  static void startKafka(@TempDir Path directory) {
    kafka = EmbeddedKafka.start(directory, 0);
    Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    admin = Admin.create(client);
    producer = new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stopKafka() {
    producer.close();
    admin.close();
    kafka.close();
  }

  @BeforeEach
  void startRedis(@TempDir Path directory) {
    redis = new RedisFixture(directory);
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()));
    // The messages of earlier tests are read now: later messages are this test's.
    try (TimelineWriter _ = startWriter()) {
      awaitWatermark();
    }
  }

  @AfterEach
  void stopRedis() {
    cache.close();
    redis.close();
  }

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
      long last = endOffset() - 1;
      assertThat(read(first - 1, last).gapPossible()).isTrue();
      assertThat(offsets(read(first - 1, last))).containsExactlyElementsOf(range(keptFrom, last));
      assertThat(read(keptFrom - 1, last).gapPossible()).isFalse();
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
      long last = endOffset() - 1;
      assertThat(read(first - 1, last).gapPossible()).isTrue();
      assertThat(offsets(read(first - 1, last))).containsExactlyElementsOf(range(keptFrom, last));
      assertThat(read(keptFrom - 1, last).gapPossible()).isFalse();
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

  /** The setting of topics that an earlier release created. The next writer corrects it. */
  private static void letProducersGiveTimestamps() throws Exception {
    var op =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime"),
            AlterConfigOp.OpType.SET);
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.MESSAGES);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(op))).all().get();
    Awaitility.await().until(() -> timestampOf(send(ADDRESS, new byte[1], 1_000L)) == 1_000L);
  }

  private static long timestampOf(long offset) {
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seek(PARTITION, offset);
      while (true) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          return record.timestamp();
        }
      }
    }
  }

  private void startRedisAgain() {
    redis.startAgain();
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> await(cache.sessions().touch(new SessionClaim("nobody", 0))) != null);
  }

  private TimelineWriter startWriter() {
    return TimelineWriter.start(config(redis.uri()));
  }

  private static TimelineConfig config(URI redisUri) {
    return new TimelineConfig(
        kafka.bootstrapServers(),
        redisUri,
        TOPICS,
        (short) 1,
        COUNT_MAX,
        Duration.ofDays(7),
        TimelineConfig.SESSION_TIMEOUT_DEFAULT);
  }

  /** Sends {@code count} messages, and returns the offset of the first one. */
  private static long send(int count) {
    long first = endOffset();
    for (int i = 0; i < count; i++) {
      var _ = producer.send(new ProducerRecord<>(TopicCatalogue.MESSAGES, ADDRESS, new byte[500]));
    }
    producer.flush();
    return first;
  }

  private static long send(String address, byte[] value, @Nullable Long timestampMillis) {
    try {
      return producer
          .send(
              new ProducerRecord<>(TopicCatalogue.MESSAGES, null, timestampMillis, address, value))
          .get()
          .offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitWatermark() {
    Awaitility.await()
        .until(
            () ->
                Long.toString(endOffset() - 1)
                    .equals(redis.commands().hget(TimelineKeys.WATERMARKS, "0")));
  }

  /** Reads a page. Tries again while the readers' connection to Redis is not restored yet. */
  private TimelinePage read(long after, long through) {
    return Awaitility.await()
        .ignoreExceptionsMatching(e -> e.getCause() instanceof RedisException)
        .until(
            () -> await(cache.timelines().read(ADDRESS, 0, after, through, COUNT_MAX)), _ -> true);
  }

  private static List<Long> offsets(TimelinePage page) {
    return page.entries().stream().map(TimelineEntry::offset).toList();
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private static long endOffset() {
    try {
      ListOffsetsResultInfo end =
          admin
              .listOffsets(Map.of(PARTITION, OffsetSpec.latest()))
              .partitionResult(PARTITION)
              .get();
      return end.offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long committed() {
    try {
      OffsetAndMetadata offset =
          admin
              .listConsumerGroupOffsets(MessageSource.GROUP)
              .partitionsToOffsetAndMetadata()
              .get()
              .get(PARTITION);
      return offset == null ? 0 : offset.offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
