// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.network.Selectable;
import org.junit.jupiter.api.Test;

class TopicPreparationTest {

  @Test
  void shouldLeaveTheReceiveBufferToTheSystem() {
    assertThat(TopicPreparation.consumerSettings("nowhere:9092", "deliveries.c1"))
        .containsEntry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
