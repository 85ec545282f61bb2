// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static org.awaitility.Awaitility.await;

import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(Servers.Extension.class)
class DeliveriesLimitTest {

  private static final int WANTED = Servers.MESSAGE_BYTES_MAX + DeliveriesLimit.HEADROOM_BYTES;

  @ParameterizedTest
  @CsvSource({"lower, 1000, " + WANTED, "higher, 2000000, 2000000"})
  void shouldRaiseTheLimitOfTheDeliveriesTopicToThatOfMessages(
      String id, String bytesMax, String expected, Servers servers) throws Exception {
    String topic = TopicCatalogue.deliveriesTopic("limit-" + id);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers.bootstrapServers()))) {
      var config = Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, bytesMax);
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(config))).all().get();

      // The broker answers from its own copy, which follows what the controller has accepted.
      await().ignoreExceptions().until(() -> limit(admin, topic).equals(bytesMax));

      DeliveriesLimit.ensure(admin, topic);

      await().until(() -> limit(admin, topic).equals(expected));
    }
  }

  private static String limit(Admin admin, String topic) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var described = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    return Objects.requireNonNull(described).get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value();
  }
}
