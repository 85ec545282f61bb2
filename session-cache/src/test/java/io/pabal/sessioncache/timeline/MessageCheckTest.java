// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.Partitions;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class MessageCheckTest {

  private static final int PARTITIONS = 12;
  private static final byte[] VALUE = {1};

  @Test
  void shouldAcceptAMessageInThePartitionThatOrdersItsAddress() {
    for (String address : new String[] {"rooms/42", "방/마흔둘", "", "\uFFFD"}) {
      int partition = Partitions.of(address, PARTITIONS);

      assertThat(MessageCheck.wrong(record(partition, utf8(address)), PARTITIONS)).isNull();
    }
  }

  @Test
  void shouldNameThePartitionThatOrdersAnAddressFoundInAnother() {
    int ordering = Partitions.of("rooms/42", PARTITIONS);

    for (int partition = 0; partition < PARTITIONS; partition++) {
      if (partition != ordering) {
        assertThat(MessageCheck.wrong(record(partition, utf8("rooms/42")), PARTITIONS))
            .contains("expected: partition " + ordering);
      }
    }
  }

  @Test
  void shouldRefuseAnAddressThatIsNotUtf8() {
    byte[] notUtf8 = {'a', (byte) 0xC3, '/'};

    assertThat(MessageCheck.wrong(record(0, notUtf8), 1)).contains("not UTF-8");
  }

  @Test
  void shouldCheckAnyRecordWithoutAnException() {
    var records = new MalformedRecords(TopicCatalogue.MESSAGES, "rooms/42", VALUE, new Evict(1));

    for (var each : records.next(200, 0)) {
      var record = MalformedRecords.consumed(each, 0, 0);
      String wrong = MessageCheck.wrong(record, 1);
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
