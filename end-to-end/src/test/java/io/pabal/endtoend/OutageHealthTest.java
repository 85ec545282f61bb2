// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the roles say of themselves while Kafka is away. */
class OutageHealthTest {

  @TempDir Path data;

  @Test
  void shouldNameWhatEachRoleCannotDoWithoutKafka() throws Exception {
    try (Pipeline pipeline = Pipeline.start(data, 1)) {
      Mqtt5AsyncClient client = Clients.connect(pipeline.port(1), "client");
      await().until(() -> health(pipeline).stream().allMatch(Health::isReady));

      pipeline.stopKafka();
      // Its location waits for Kafka, and is refused when Kafka is away for too long.
      var _ = client.subscribeWith().topicFilter("rooms/1").send();

      await()
          .untilAsserted(
              () -> {
                assertThat(failing(pipeline.connector(1).health())).contains("kafka-control");
                assertThat(failing(pipeline.router().health())).contains("kafka-messages");
                assertThat(failing(pipeline.timelineWriter().health())).contains("kafka");
              });
      assertThat(health(pipeline)).noneMatch(Health::isReady);
      pipeline.startKafka(); // so that all can end
    }
  }

  private static List<Health> health(Pipeline pipeline) {
    return List.of(
        pipeline.connector(1).health(),
        pipeline.router().health(),
        pipeline.timelineWriter().health());
  }

  private static List<String> failing(Health health) {
    return health.checks().stream().filter(check -> !check.ok()).map(Check::name).toList();
  }
}
