// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

  @TempDir Path directory;

  @Test
  void shouldKeepClusterAndRecordsAcrossRestarts() throws Exception {
    String clusterId;
    int port;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      port = kafka.port();
      try (Admin admin = Admin.create(client(kafka))) {
        admin.createTopics(List.of(new NewTopic("kept", 1, (short) -1))).all().get(30, SECONDS);
        clusterId = admin.describeCluster().clusterId().get(30, SECONDS);
      }
      try (var producer =
          new KafkaProducer<>(client(kafka), new StringSerializer(), new StringSerializer())) {
        var sent = producer.send(new ProducerRecord<>("kept", "key", "value")).get(30, SECONDS);
        assertThat(sent.offset()).isZero();
      }
    }

    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, port)) {
      assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
      try (Admin admin = Admin.create(client(kafka))) {
        assertThat(admin.describeCluster().clusterId().get(30, SECONDS)).isEqualTo(clusterId);
      }
      assertThat(firstValue(kafka, "kept")).isEqualTo("value");
      assertThat(kafka.terminated().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void shouldFormConsumerGroup() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      try (Admin admin = Admin.create(client(kafka))) {
        admin.createTopics(List.of(new NewTopic("grouped", 1, (short) -1))).all().get(30, SECONDS);
      }
      Map<String, Object> member = client(kafka);
      member.put("group.id", "members");
      try (var consumer =
          new KafkaConsumer<>(member, new StringDeserializer(), new StringDeserializer())) {
        consumer.subscribe(List.of("grouped"));
        await()
            .until(
                () -> {
                  consumer.poll(Duration.ofMillis(100));
                  return !consumer.assignment().isEmpty();
                });
      }
    }
  }

  @Test
  void shouldRefusePortInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatThrownBy(() -> EmbeddedKafka.start(directory, taken.getLocalPort()))
          .hasMessage(
              "Kafka port: %d (expected: a free port). Another process listens on it."
                  .formatted(taken.getLocalPort()));
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static String firstValue(EmbeddedKafka kafka, String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (var consumer =
        new KafkaConsumer<>(client(kafka), new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      return await()
          .until(() -> consumer.poll(Duration.ofMillis(100)), records -> !records.isEmpty())
          .iterator()
          .next()
          .value();
    }
  }

  private static Map<String, Object> client(EmbeddedKafka kafka) {
    return new HashMap<>(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }
}
