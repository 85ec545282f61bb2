// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.Location;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills the topics that the router reads. */
record Preload(String bootstrapServers, int messages, int addresses) {

  private static final int PAYLOAD_BYTES = 100;
  private static final long INCARNATION = 1;

  /** A connector that is up, with a live session of every address. */
  void writeLocations(String connectorId) {
    try (var producer = producer()) {
      send(
          producer,
          TopicCatalogue.CONNECTORS,
          connectorId,
          Codecs.CONNECTOR_STATE.encode(
              new ConnectorState(
                  INCARNATION, ConnectorStatus.UP, "127.0.0.1", 1883, Instant.now())));
      for (int i = 0; i < addresses; i++) {
        var location = new Location(connectorId, INCARNATION, i + 1L, true);
        send(producer, TopicCatalogue.LOCATIONS, address(i), Codecs.LOCATION.encode(location));
      }
    }
  }

  /** The messages, of all addresses in turn. */
  void writeMessages() {
    AvroCodec<Message> codec = Codecs.MESSAGE;
    try (var producer = producer()) {
      for (int i = 0; i < messages; i++) {
        String address = address(i % addresses);
        Message message =
            Message.newBuilder()
                .setAddress(address)
                .setSender("alice")
                .setClientId("phone-4711")
                .setPublishedAt(Instant.now())
                .setPayload(ByteBuffer.wrap(new byte[PAYLOAD_BYTES]))
                .build();
        send(producer, TopicCatalogue.MESSAGES, address, codec.encode(message));
      }
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    var serializer = new ByteArraySerializer();
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "acks",
            "all",
            "linger.ms",
            5,
            "batch.size",
            64 * 1024,
            // A new topic's leader may refuse the first request and take the second: then the first
            // is refused for ever.
            "max.in.flight.requests.per.connection",
            1),
        serializer,
        serializer);
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, String topic, String key, byte[] value) {
    var _ = producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value));
  }

  private static String address(int number) {
    return "rooms/" + number;
  }
}
