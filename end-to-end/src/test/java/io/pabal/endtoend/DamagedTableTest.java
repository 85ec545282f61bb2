// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.endtoend.Clients.Subscriber;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Location;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A row of the router's table is lost, or replaced by an older one, under a live subscription. */
@ExtendWith(Backbone.Extension.class)
class DamagedTableTest {

  private static final Duration REFRESH = Duration.ofSeconds(5);

  @Test
  void shouldDeliverWhatADamagedRowMissedInOrderAndOnce(Backbone backbone) throws Exception {
    try (Pipeline pipeline = Pipeline.on(backbone, 0);
        Connector connector = Connector.start(refreshing(pipeline.config("c1")));
        Damage damage = new Damage(pipeline.bootstrapServers())) {
      int port = connector.address().getPort();
      Mqtt5AsyncClient publisher = Clients.connect(port, "publisher");
      Subscriber lost = Clients.persistent(port, "lost", true);
      lost.subscribe("rooms/lost");
      Subscriber older = Clients.persistent(port, "older", true);
      older.subscribe("rooms/older");

      long unrouted = damage.unrouted();
      int missed =
          publishUntil(
              publisher,
              "rooms/lost",
              () -> damage.remove("rooms/lost"),
              () -> damage.unrouted() > unrouted);
      awaitAll(lost, missed);

      missed =
          publishUntil(
              publisher,
              "rooms/older",
              () -> damage.replace("rooms/older"),
              () -> connector.metrics().deliveriesStale.sum() > 0);
      awaitAll(older, missed);

      Clients.await(Clients.publish(publisher, "rooms/lost", "live"));
      Clients.await(Clients.publish(publisher, "rooms/older", "live"));
      await().until(() -> lost.received.contains("live") && older.received.contains("live"));
      Clients.await(publisher.disconnect());
      lost.disconnect();
      older.disconnect();
    }
  }

  /** Damages and publishes until the damage shows: a refresh may come in between. */
  private static int publishUntil(
      Mqtt5AsyncClient publisher, String address, Runnable damage, Callable<Boolean> shows)
      throws Exception {
    int published = 0;
    while (!shows.call()) {
      damage.run();
      Clients.await(Clients.publish(publisher, address, Integer.toString(published++)));
    }
    return published;
  }

  private static void awaitAll(Subscriber subscriber, int count) {
    await().until(() -> subscriber.received.size() >= count);
    assertThat(subscriber.received)
        .isEqualTo(IntStream.range(0, count).mapToObj(Integer::toString).toList());
  }

  private static ConnectorConfig refreshing(ConnectorConfig config) {
    var kafka = config.kafka();
    return new ConnectorConfig(
        config.id(),
        config.listener(),
        new ConnectorConfig.Kafka(
            kafka.bootstrapServers(),
            kafka.topics(),
            kafka.deliveryPartitions(),
            kafka.replicationFactor(),
            kafka.appendTimeout(),
            kafka.appendBytesMax(),
            REFRESH),
        config.redisUri(),
        config.limits());
  }

  /** Writes locations in the connector's name. */
  private static final class Damage implements AutoCloseable {

    private static final TopicCatalogue TOPICS = TopicCatalogue.defaults();

    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;

    Damage(String bootstrapServers) {
      Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers);
      producer =
          new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
      consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Has the row be removed. */
    void remove(String address) {
      Location present = announced(address);
      write(address, present, present.getActivation(), false);
    }

    /** Has the row be replaced by one of an earlier activation. */
    void replace(String address) {
      remove(address);
      Location present = announced(address);
      assertThat(present.getActivation()).isGreaterThan(1);
      write(address, present, present.getActivation() - 1, true);
    }

    long unrouted() {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TopicCatalogue.UNROUTED).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      return consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
    }

    /** What the connector said of the address first. */
    private Location announced(String address) {
      var partition = new TopicPartition(TopicCatalogue.LOCATIONS, partition(address));
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          if (new String(record.key(), UTF_8).equals(address)) {
            return Codecs.LOCATION.decode(record.value());
          }
        }
      }
    }

    private void write(String address, Location like, long activation, boolean present) {
      var location =
          new Location(like.getConnectorId(), like.getIncarnation(), activation, present);
      var _ =
          producer.send(
              new ProducerRecord<>(
                  TopicCatalogue.LOCATIONS,
                  partition(address),
                  address.getBytes(UTF_8),
                  Codecs.LOCATION.encode(location)));
      producer.flush();
    }

    private static int partition(String address) {
      return TOPICS.feeds().partitionOf(address);
    }

    @Override
    public void close() {
      producer.close();
      consumer.close();
    }
  }
}
