// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a message costs in Kafka: one record per connector concerned, however many subscribers it
 * has.
 */
@ExtendWith(Backbone.Extension.class)
class FanOutCostTest {

  private static final int CONNECTORS = 3;
  private static final int SUBSCRIBERS_PER_CONNECTOR = 20;
  private static final int MESSAGES = 10;
  private static final String ADDRESS = "fan-out/lobby";

  @Test
  void shouldCostOneRecordPerConnectorAndMessage(Backbone backbone) throws Exception {
    try (Pipeline pipeline = Pipeline.on(backbone, CONNECTORS)) {
      List<Subscriber> subscribers = new ArrayList<>();
      for (int connector = 1; connector <= CONNECTORS; connector++) {
        for (int i = 0; i < SUBSCRIBERS_PER_CONNECTOR; i++) {
          Subscriber subscriber =
              Clients.persistent(pipeline.port(connector), "s-" + connector + "-" + i, true);
          subscriber.subscribe(ADDRESS);
          subscribers.add(subscriber);
        }
      }
      Mqtt5AsyncClient publisher = Clients.connect(pipeline.port(1), "publisher");

      for (int i = 0; i < MESSAGES; i++) {
        Clients.await(Clients.publish(publisher, ADDRESS, "m" + i));
      }

      await()
          .untilAsserted(
              () ->
                  assertThat(subscribers)
                      .allSatisfy(each -> assertThat(each.received).hasSize(MESSAGES)));
      Map<String, Integer> records = new HashMap<>();
      for (int connector = 1; connector <= CONNECTORS; connector++) {
        String topic = TopicCatalogue.deliveriesTopic("c" + connector);
        records.put(topic, messagesIn(pipeline.bootstrapServers(), topic));
      }
      assertThat(records)
          .isEqualTo(
              Map.of(
                  "deliveries.c1", MESSAGES, "deliveries.c2", MESSAGES, "deliveries.c3", MESSAGES));
    }
  }

  private static int messagesIn(String bootstrapServers, String topic) {
    int messages = 0;
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      Long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (end != null && consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          boolean mine = ADDRESS.equals(new String(record.key(), StandardCharsets.UTF_8));
          messages += mine && DeliveryHeader.of(record.headers()) instanceof Routed ? 1 : 0;
        }
      }
    }
    return messages;
  }
}
