// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.router.config.RouterConfig;
import java.nio.file.Path;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class StreamsSettingsTest {

  @Test
  void shouldLeaveTheReceiveBufferOfTheMainConsumerToTheSystem() {
    var config =
        new StreamsConfig(
            StreamsSettings.of(RouterConfig.defaults("nowhere:9092", Path.of("unused"))));

    assertThat(config.getMainConsumerConfigs("group", "client", 0))
        .containsEntry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, Selectable.USE_DEFAULT_BUFFER_SIZE);
  }
}
