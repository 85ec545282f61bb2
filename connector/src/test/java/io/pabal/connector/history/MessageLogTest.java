// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.network.Selectable;
import org.junit.jupiter.api.Test;

class MessageLogTest {

  @Test
  void shouldLeaveTheReceiveBufferToTheSystem() {
    assertThat(MessageLog.settings("nowhere:9092"))
        .containsEntry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
