// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.router.Router;
import io.pabal.router.RouterConfig;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The pipeline against the images that production runs. Skipped where no Docker engine answers. */
@Testcontainers(disabledWithoutDocker = true)
class ContainersTest {

  private static final int REDIS_PORT = 6379;

  @Container
  private static final KafkaContainer KAFKA =
      new KafkaContainer(DockerImageName.parse("apache/kafka:4.3.1"));

  @Container
  private static final GenericContainer<?> REDIS =
      new GenericContainer<>(DockerImageName.parse("redis:7.4")).withExposedPorts(REDIS_PORT);

  @TempDir Path data;

  @Test
  void shouldDeliverAndResume() throws Exception {
    URI redis = URI.create("redis://" + REDIS.getHost() + ":" + REDIS.getMappedPort(REDIS_PORT));
    String kafka = KAFKA.getBootstrapServers();
    ConnectorConfig config =
        new ConnectorConfig(
            "c1",
            new ConnectorConfig.Listener("127.0.0.1", 0, true),
            ConnectorConfig.Kafka.defaults(kafka),
            redis,
            ConnectorConfig.Limits.defaults());
    try (Connector connector = Connector.start(config);
        Router router = Router.start(RouterConfig.defaults(kafka, data));
        TimelineWriter timelineWriter =
            TimelineWriter.start(TimelineConfig.defaults(kafka, redis))) {
      int port = connector.address().getPort();
      Subscriber bob = Clients.persistent(port, "bob", true);
      bob.subscribe("users/bob");
      bob.disconnect();
      var publisher = Clients.connect(port, "publisher");
      Clients.await(Clients.publish(publisher, "users/bob", "while away"));

      Subscriber again = Clients.persistent(port, "bob", false);

      await().untilAsserted(() -> assertThat(again.received).containsExactly("while away"));
      assertThat(router.terminated().toCompletableFuture()).isNotDone();
      assertThat(timelineWriter.terminated().toCompletableFuture()).isNotDone();
    }
  }
}
