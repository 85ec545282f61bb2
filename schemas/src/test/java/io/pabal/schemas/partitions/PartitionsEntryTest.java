// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.partitions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionsEntryTest {

  @Test
  void shouldReadWhatIsWritten() {
    assertThat(PartitionsEntry.parse(record("abc 24 2")))
        .isEqualTo(new PartitionsEntry("abc", new Feeds(24, 2)));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        " ",
        "abc",
        "abc ",
        "abc 1",
        "abc 0 2",
        "abc -1 2",
        "abc 1 -1",
        "abc 1 2 3",
        "abc x 2",
        "abc 1 x",
        "abc 99999999999 2"
      })
  void shouldPassAnEntryThatSomebodyElseWrote(@Nullable String header) {
    assertThat(PartitionsEntry.parse(record(header))).isNull();
  }

  @Test
  void shouldPassAnyRecord() {
    var records =
        new MalformedRecords(
            TopicCatalogue.CONNECTORS, PartitionsEntry.KEY, new byte[9], new Evict(1));

    for (var each : records.next(200, 0)) {
      assertThat(PartitionsEntry.parse(MalformedRecords.consumed(each, 0, 0))).isNull();
    }
  }

  private static ConsumerRecord<byte[], byte[]> record(@Nullable String header) {
    var record =
        new ProducerRecord<byte[], byte[]>(
            TopicCatalogue.CONNECTORS, 0, 1L, PartitionsEntry.KEY.getBytes(UTF_8), new byte[9]);
    record.headers().add(PartitionsEntry.HEADER, header == null ? null : header.getBytes(UTF_8));
    return MalformedRecords.consumed(record, 0, 0);
  }
}
