// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connector ends when its deliveries topic is not what it was at the start. */
@ExtendWith(Servers.Extension.class)
class DeliveriesTopicTest {

  @Test
  void shouldEndWhenItsTopicVanishes(Servers servers) throws Exception {
    try (Station station = Station.start(servers);
        Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()))) {
      admin
          .deleteTopics(List.of(TopicCatalogue.deliveriesTopic(station.id())))
          .all()
          .get(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThatThrownBy(() -> LifecycleTest.awaitEnd(station))
          .isInstanceOf(ExecutionException.class);
      assertThat(admin.listTopics().names().get(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .doesNotContain(TopicCatalogue.deliveriesTopic(station.id()));
    }
  }

  @Test
  void shouldEndWhenPartitionsAreAddedToItsTopic(Servers servers) throws Exception {
    try (Station station = Station.start(servers);
        Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()))) {
      String topic = TopicCatalogue.deliveriesTopic(station.id());
      admin
          .createPartitions(Map.of(topic, NewPartitions.increaseTo(3)))
          .all()
          .get(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThatThrownBy(() -> LifecycleTest.awaitEnd(station))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining(
              "topic %s: 3 partitions (expected: 1, as when this connector started)"
                  .formatted(topic));

      station.restart();
      LifecycleTest.location(station, "deliveries-topic/grown", 1);
    }
  }
}
