// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedsTest {

  private static final int PARTITIONS = 12;

  @ParameterizedTest
  @CsvSource({
    "2, users/bob, users/bob",
    "2, rooms/42/typing, rooms/42",
    "2, rooms/42/a/b/c, rooms/42",
    "2, rooms, rooms",
    "2, rooms/, rooms/",
    "2, rooms//x, rooms/",
    "2, rooms/42/, rooms/42",
    "2, /rooms/42, /rooms",
    "2, //, /",
    "1, rooms/42, rooms",
    "1, /rooms, ''",
    "3, rooms/42/typing/bob, rooms/42/typing",
    "0, rooms/42/typing/bob, rooms/42/typing/bob",
    "2, räume/größe/€, räume/größe",
    "2, räume/\uD83D\uDE00/x, räume/\uD83D\uDE00"
  })
  void shouldCutAnAddressAfterTheLevelsOfItsPrefix(int levels, String address, String prefix) {
    var feeds = new Feeds(PARTITIONS, levels);

    assertThat(feeds.prefixOf(address)).isEqualTo(prefix);
    assertThat(feeds.prefixOf(address.getBytes(UTF_8))).isEqualTo(prefix.getBytes(UTF_8));
    assertThat(feeds.prefixOf(prefix)).isSameAs(prefix);
    assertThat(feeds.isPrefix(address.getBytes(UTF_8))).isEqualTo(address.equals(prefix));
  }

  @Test
  void shouldPutAllAddressesOfAPrefixIntoItsPartition() {
    var feeds = new Feeds(PARTITIONS, 2);

    for (int room = 0; room < 100; room++) {
      String prefix = "rooms/" + room;
      int partition = BuiltInPartitioner.partitionForKey(prefix.getBytes(UTF_8), PARTITIONS);

      assertThat(feeds.partitionOf(prefix)).isEqualTo(partition);
      assertThat(feeds.partitionOf(prefix + "/typing")).isEqualTo(partition);
      assertThat(feeds.partitionOf((prefix + "/seen").getBytes(UTF_8))).isEqualTo(partition);
    }
  }

  @Test
  void shouldRefuseNumbersOutOfBounds() {
    assertThatThrownBy(() -> new Feeds(0, 2))
        .hasMessage("topics.partitions: 0 (expected: 1-10000)");
    assertThatThrownBy(() -> new Feeds(10_001, 2))
        .hasMessage("topics.partitions: 10001 (expected: 1-10000)");
    assertThatThrownBy(() -> new Feeds(12, -1))
        .hasMessage("topics.prefixLevels: -1 (expected: 0-100)");
    assertThatThrownBy(() -> new Feeds(12, 101))
        .hasMessage("topics.prefixLevels: 101 (expected: 0-100)");
  }
}
