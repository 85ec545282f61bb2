// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.network.Selectable;
import org.junit.jupiter.api.Test;

class MessageSourceTest {

  @Test
  void shouldLeaveTheReceiveBufferToTheSystem() {
    assertThat(MessageSource.properties("nowhere:9092", 10_000))
        .containsEntry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
