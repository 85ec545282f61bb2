// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka is away for longer than a message may wait. */
class AppendFailureTest {

  private static final Duration APPEND_TIMEOUT = Duration.ofSeconds(6);

  private static final String SECOND = "second".repeat(20_000);

  @TempDir Path data;

  @Test
  void shouldAppendNothingAfterAMessageThatFailed() throws Exception {
    try (Pipeline pipeline = Pipeline.start(data, 0);
        Connector connector = Connector.start(withAppendTimeout(pipeline.config("c1")))) {
      int port = connector.address().getPort();
      Mqtt5AsyncClient publisher = Clients.connect(port, "publisher");
      Clients.await(Clients.publish(publisher, "rooms/1", "before"));
      pipeline.stopKafka();

      // The second is too large for the batch of the first, and young enough to outlive it: it
      // would
      // be appended once Kafka is back.
      CompletableFuture<?> first = Clients.publish(publisher, "rooms/1", "first");
      await().pollDelay(APPEND_TIMEOUT.dividedBy(2)).until(() -> true);
      CompletableFuture<?> second = Clients.publish(publisher, "rooms/1", SECOND);
      await().until(() -> first.isDone() && second.isDone());
      pipeline.startKafka();

      assertThat(first).isCompletedExceptionally();
      assertThat(second).isCompletedExceptionally();
      Mqtt5AsyncClient again = Clients.connect(port, "publisher");
      Clients.await(Clients.publish(again, "rooms/1", "first"));
      Clients.await(Clients.publish(again, "rooms/1", SECOND));
      assertThat(messages(pipeline.bootstrapServers())).containsExactly("before", "first", SECOND);
      Clients.await(again.disconnect());
    }
  }

  private static ConnectorConfig withAppendTimeout(ConnectorConfig config) {
    var kafka = config.kafka();
    return new ConnectorConfig(
        config.id(),
        config.listener(),
        new ConnectorConfig.Kafka(
            kafka.bootstrapServers(),
            kafka.topics(),
            kafka.deliveryPartitions(),
            kafka.replicationFactor(),
            APPEND_TIMEOUT,
            kafka.appendBytesMax(),
            kafka.locationRefresh()),
        config.redisUri(),
        config.limits());
  }

  private static List<String> messages(String bootstrapServers) {
    List<String> texts = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TopicCatalogue.MESSAGES).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          Message message = Codecs.MESSAGE.decode(record.value());
          texts.add(StandardCharsets.UTF_8.decode(message.getPayload()).toString());
        }
      }
    }
    return texts;
  }
}
