// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class RoutedRecordTest {

  @Test
  void shouldSendAllOfOneMessagesPartitionToOnePartition() {
    assertThat(new RoutedRecord("deliveries.c1", 11, null).partition(4)).contains(Set.of(3));
    assertThat(new RoutedRecord("deliveries.c1", 11, null).partition(1)).contains(Set.of(0));
  }

  @Test
  void shouldKeepTheNumberOfPartitionsThatWasFoundFirst() {
    var pinned = new PinnedPartitions();

    assertThat(pinned.of("deliveries.c1", 1)).isEqualTo(1);
    assertThat(pinned.of("deliveries.c1", 4)).isEqualTo(1);
    assertThat(pinned.of("deliveries.c2", 4)).isEqualTo(4);
    // The topic was created again with fewer partitions.
    assertThat(pinned.of("deliveries.c2", 2)).isEqualTo(2);
  }
}
