// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.embedded.EmbeddedKafka;
import io.pabal.embedded.GroupSettings;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import io.pabal.telemetry.KafkaClientMeters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The writer's consumer alone, with brokers as they come. */
class MessageSourceTest {

  private static final int HOLES = 300;
  private static final TopicPartition PARTITION = new TopicPartition(TopicCatalogue.MESSAGES, 0);

  private static EmbeddedKafka kafka;
  private static Admin admin;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    kafka = EmbeddedKafka.start(directory, 0, GroupSettings.STOCK);
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    var topics = new TopicCatalogue(1, Duration.ofDays(7));
    TopicSetup.ensure(admin, topics.shared(), (short) 1);
  }

  @AfterAll
  static void stop() {
    admin.close();
    kafka.close();
  }

  @Test
  void shouldLeaveTheReceiveBufferToTheSystem() {
    assertThat(MessageSource.properties("nowhere:9092", 10_000))
        .containsEntry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, Selectable.USE_DEFAULT_BUFFER_SIZE);
  }

  /** Each marker of a transaction is an offset without a message. */
  @Test
  void shouldAskTheBrokerNothingForAnOffsetThatHoldsNoMessage() throws Exception {
    writeTransactions(HOLES);

    try (var source = source(Duration.ofMinutes(1))) {
      long top = -1;
      while (top < 2 * HOLES - 1) {
        List<TimelineBatch> batches = source.poll(Duration.ofMillis(100));
        batches.forEach(source::appended);
        for (TimelineBatch batch : batches) {
          TimelineBatch.PartitionRange range = batch.range();
          top = range.top();
        }
      }

      // Whatever else it asks, a request for each hole would be this many at least.
      assertThat(KafkaClientMeters.sum(source.figures(), "consumer-metrics", "request-total"))
          .isLessThan(HOLES);
    }
  }

  @Test
  void shouldSayWhatToDoWhenBrokersRefuseSessionTimeout() {
    try (var source = source(Duration.ofSeconds(2))) {
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> source.poll(Duration.ofMillis(100)))
                      .hasCauseInstanceOf(InvalidSessionTimeoutException.class)
                      .hasMessageContaining(
                          "timeline.sessionTimeoutMillis: 2000 (expected: at least the brokers'"
                              + " group.min.session.timeout.ms"));
    }
  }

  private static MessageSource source(Duration sessionTimeout) {
    var skipped = new SkippedRecords(LoggerFactory.getLogger("skipped"), new LongAdder());
    return new MessageSource(
        kafka.bootstrapServers(), sessionTimeout, TimelineWriterFixture.TOPICS.feeds(), skipped);
  }

  private static void writeTransactions(int count) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "holes");
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      for (int i = 0; i < count; i++) {
        producer.beginTransaction();
        var _ =
            producer.send(new ProducerRecord<>(TopicCatalogue.MESSAGES, "rooms/42", new byte[1]));
        producer.commitTransaction();
      }
    }
    Awaitility.await().until(() -> endOffset() == 2L * count);
  }

  private static long endOffset() throws Exception {
    return admin
        .listOffsets(Map.of(PARTITION, OffsetSpec.latest()))
        .partitionResult(PARTITION)
        .get()
        .offset();
  }
}
