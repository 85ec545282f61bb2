// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class DeliveryTest {

  @Test
  void shouldSendAllOfOneMessagesPartitionToOnePartition() {
    assertThat(new Delivery("deliveries.c1", 11, null).partition(4)).contains(Set.of(3));
    assertThat(new Delivery("deliveries.c1", 11, null).partition(1)).contains(Set.of(0));
  }

  @Test
  void shouldLeavePartitionToTheKey() {
    assertThat(new Delivery("unrouted", Delivery.BY_KEY, null).partition(4)).isEmpty();
  }
}
