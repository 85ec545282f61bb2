// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.missed;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.recovery.scan.MessageChunk;
import io.pabal.recovery.scan.MessageChunks;
import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.session.StoredFeed;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What recovery reads of {@code messages} are messages, whatever else is there. */
class UnexpectedRecordsTest {

  private static final String ADDRESS = "rooms/42";
  private static final int RECORDS = 100;
  private static final TopicPartition PARTITION = new TopicPartition(TopicCatalogue.MESSAGES, 0);

  @Test
  void shouldFindMessagesBehindAnyRecord() {
    MessageChunks chunks =
        new MessageChunks(consumer(), new Feeds(1, 2), MessageChunks.RECORDS_MAX);

    MessageChunk chunk = chunks.newest(0, 0, RECORDS + 1);
    var found = chunks.byFeed(chunk, ADDRESS::equals);

    assertThat(found.get(ADDRESS)).last().satisfies(e -> assertThat(e.offset()).isEqualTo(RECORDS));
    assertThat(chunks.skipped()).isPositive();
  }

  @Test
  void shouldPassMessagesOfAnotherPartition() {
    MessageChunks chunks =
        new MessageChunks(consumer(), new Feeds(1_000, 2), MessageChunks.RECORDS_MAX);

    MessageChunk chunk = chunks.newest(0, 0, RECORDS + 1);

    assertThat(chunks.byFeed(chunk, feed -> true)).doesNotContainKey(ADDRESS);
    assertThat(chunks.skipped()).isPositive();
  }

  @Test
  void shouldCountWhatIsMissedBehindAnyRecord() {
    var missed = new Missed(new Feeds(1, 2));
    var feed = new StoredFeed(ADDRESS, 1, RECORDS - 1);
    missed.add("bob", feed, feed.subscriptions().getFirst());

    missed.count(consumer(), PARTITION, 0, RECORDS + 1, offsets -> {});

    assertThat(missed.rows())
        .singleElement()
        .satisfies(row -> assertThat(row.first()).isEqualTo(RECORDS));
    assertThat(missed.skipped()).isPositive();
  }

  private static MockConsumer<byte[], byte[]> consumer() {
    var consumer = new MockConsumer<byte[], byte[]>("none");
    consumer.schedulePollTask(() -> {});
    List<ProducerRecord<byte[], byte[]>> records =
        new MalformedRecords(TopicCatalogue.MESSAGES, ADDRESS, new byte[9], new Evict(1))
            .next(RECORDS, 0)
            .subList(0, RECORDS);
    consumer.assign(Set.of(PARTITION));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, RECORDS + 1L));
    for (int offset = 0; offset < RECORDS; offset++) {
      consumer.addRecord(MalformedRecords.consumed(records.get(offset), 0, offset));
    }
    consumer.addRecord(
        new ConsumerRecord<>(
            TopicCatalogue.MESSAGES,
            0,
            RECORDS,
            ADDRESS.getBytes(StandardCharsets.UTF_8),
            new byte[9]));
    return consumer;
  }
}
