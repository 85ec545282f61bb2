// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.Stages.await;

import io.lettuce.core.RedisException;
import io.pabal.embedded.EmbeddedKafka;
import io.pabal.schemas.topic.Partitions;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.RedisFixture;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.SessionClaim;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Timeline writers between a real Kafka and a real Redis. The tests of a class share one partition
 * of two; each test has a Redis of its own.
 */
@Timeout(120)
abstract class TimelineWriterFixture {

  static final TopicCatalogue TOPICS = new TopicCatalogue(2, Duration.ofDays(7));
  static final TopicPartition PARTITION = new TopicPartition(TopicCatalogue.MESSAGES, 0);
  static final TimelineKeys KEYS = new TimelineKeys(TOPICS.partitions());
  static final String ADDRESS = addressOf(0);
  static final String OTHER_ADDRESS = addressOf(1);
  static final int COUNT_MAX = 100_000;

  static EmbeddedKafka kafka;
  static Admin admin;
  static KafkaProducer<String, byte[]> producer;

  RedisFixture redis;
  SessionCache cache;

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
    cache = SessionCache.connect(SessionCacheConfig.of(redis.uri()), TOPICS.partitions());
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

  /** The setting of topics that an earlier release created. The next writer corrects it. */
  static void letProducersGiveTimestamps() throws Exception {
    var op =
        new AlterConfigOp(
            new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime"),
            AlterConfigOp.OpType.SET);
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.MESSAGES);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(op))).all().get();
    Awaitility.await().until(() -> timestampOf(send(ADDRESS, new byte[1], 1_000L)) == 1_000L);
  }

  static long timestampOf(long offset) {
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

  void startRedisAgain() {
    redis.startAgain();
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> await(cache.sessions().touch(new SessionClaim("nobody", 0))) != null);
  }

  TimelineWriter startWriter() {
    return TimelineWriter.start(config(redis.uri()));
  }

  static TimelineConfig config(URI redisUri) {
    return config(redisUri, Duration.ofDays(7));
  }

  static TimelineConfig config(URI redisUri, Duration ageMax) {
    return new TimelineConfig(
        kafka.bootstrapServers(),
        redisUri,
        TOPICS,
        (short) 1,
        COUNT_MAX,
        ageMax,
        TimelineConfig.SESSION_TIMEOUT_DEFAULT);
  }

  /** Sends {@code count} messages, and returns the offset of the first one. */
  static long send(int count) {
    long first = endOffset();
    for (int i = 0; i < count; i++) {
      var _ = producer.send(new ProducerRecord<>(TopicCatalogue.MESSAGES, ADDRESS, new byte[500]));
    }
    producer.flush();
    return first;
  }

  static long send(String address, byte[] value, @Nullable Long timestampMillis) {
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

  void awaitWatermark() {
    Awaitility.await().until(() -> Long.toString(endOffset() - 1).equals(watermark(0)));
  }

  @Nullable String watermark(int partition) {
    return redis.commands().hget(KEYS.partition(partition), "watermark");
  }

  private static String addressOf(int partition) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "rooms/" + i)
        .filter(address -> Partitions.of(address, TOPICS.partitions()) == partition)
        .findFirst()
        .orElseThrow();
  }

  /** Reads a page. Tries again while the readers' connection to Redis is not restored yet. */
  TimelinePage read(long after, long through) {
    return Awaitility.await()
        .ignoreExceptionsMatching(e -> e.getCause() instanceof RedisException)
        .until(
            () -> await(cache.timelines().read(ADDRESS, 0, after, through, COUNT_MAX)), _ -> true);
  }

  static List<Long> offsets(TimelinePage page) {
    return page.entries().stream().map(TimelineEntry::offset).toList();
  }

  static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  static long endOffset() {
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

  static long committed() {
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
