// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class MessageCheckTest {

  private static final Feeds FEEDS = new Feeds(12, 2);
  private static final Feeds ONE_PARTITION = new Feeds(1, 2);
  private static final byte[] VALUE = {1};

  @Test
  void shouldAcceptAMessageInThePartitionThatOrdersItsAddress() {
    for (String address : new String[] {"rooms/42", "rooms/42/typing", "방/마흔둘", "", "\uFFFD"}) {
      int partition = FEEDS.partitionOf(address);

      assertThat(MessageCheck.wrong(record(partition, utf8(address)), FEEDS)).isNull();
    }
  }

  @Test
  void shouldNameThePartitionThatOrdersAnAddressFoundInAnother() {
    int ordering = FEEDS.partitionOf("rooms/42");

    for (int partition = 0; partition < FEEDS.partitions(); partition++) {
      if (partition != ordering) {
        assertThat(MessageCheck.wrong(record(partition, utf8("rooms/42")), FEEDS))
            .contains("expected: partition " + ordering);
        assertThat(MessageCheck.wrong(record(partition, utf8("rooms/42/typing")), FEEDS))
            .contains("expected: partition " + ordering);
      }
    }
  }

  @Test
  void shouldRefuseAnAddressThatIsNotUtf8() {
    byte[] notUtf8 = {'a', (byte) 0xC3, '/'};

    assertThat(MessageCheck.wrong(record(0, notUtf8), ONE_PARTITION)).contains("not UTF-8");
  }

  @Test
  void shouldCheckAnyRecordWithoutAnException() {
    var records = new MalformedRecords(TopicCatalogue.MESSAGES, "rooms/42", VALUE, new Evict(1));

    for (var each : records.next(200, 0)) {
      var record = MalformedRecords.consumed(each, 0, 0);
      String wrong = MessageCheck.wrong(record, ONE_PARTITION);
      if (record.key() == null || record.value() == null) {
        assertThat(wrong).isNotNull();
      }
    }
  }

  private static ConsumerRecord<byte[], byte[]> record(int partition, byte[] key) {
    return new ConsumerRecord<>(TopicCatalogue.MESSAGES, partition, 0, key, VALUE);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
