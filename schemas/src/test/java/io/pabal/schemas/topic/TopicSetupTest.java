// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class TopicSetupTest {

  @Test
  void shouldSayThatKafkaDoesNotAnswerWhenTheClientGivesUpFirst() {
    Map<String, Object> nobody =
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:1",
            "request.timeout.ms",
            200,
            "default.api.timeout.ms",
            200);
    try (Admin admin = Admin.create(nobody)) {
      assertThatThrownBy(
              () -> TopicSetup.ensure(admin, TopicCatalogue.defaults().shared(), (short) 1))
          .isInstanceOf(TimeoutException.class);
    }
  }
}
