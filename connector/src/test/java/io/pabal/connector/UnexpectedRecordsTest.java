// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.Location;
import io.pabal.schemas.MalformedRecords;
import io.pabal.schemas.topic.TopicCatalogue;
import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connector starts and delivers although there are malformed records in its topics. */
@ExtendWith(Servers.Extension.class)
class UnexpectedRecordsTest {

  private static final String ADDRESS = "unexpected/records";

  @Test
  void shouldStartAndDeliverAfterMalformedRecords(Servers servers) {
    try (Station station = Station.start(servers)) {
      PlayedRouter router = station.router();
      sendToConnectors(router, station.id());
      station.restart();
      try (Client client = station.connect(connect5("unexpected"))) {
        client.send(Wire.subscribe5(1, Wire.filter(ADDRESS, 1)));
        Location location = router.activateAtEnd(ADDRESS, 1);
        client.next(MqttMessageType.SUBACK);
        sendToConnectors(router, station.id());
        var routed =
            new Routed(
                Servers.TOPICS.feeds().partitionOf(ADDRESS),
                router.head(ADDRESS) + 1,
                location.getIncarnation() + 1,
                location.getActivation());
        send(router, TopicCatalogue.deliveriesTopic(station.id()), ADDRESS, null, routed);

        router.route(location, router.publish(ADDRESS, "well-formed"));

        assertThat(client.takePayloads(1)).containsExactly("well-formed");
        assertThat(station.connector().terminated().toCompletableFuture()).isNotDone();
        assertThat(station.connector().metrics().malformed.sum()).isPositive();
      }
    }
  }

  /**
   * Sends malformed records to the connectors topic. The state in them is DOWN, so that connectors
   * of other tests send no client there.
   */
  private static void sendToConnectors(PlayedRouter router, String connectorId) {
    var down = new ConnectorState(1L, ConnectorStatus.DOWN, "", 0, Instant.EPOCH);
    byte[] value = Codecs.CONNECTOR_STATE.encode(down);
    var header = new Rewind(0, 0, 1, 1, "");
    for (String key : new String[] {connectorId, "unexpected"}) {
      send(router, TopicCatalogue.CONNECTORS, key, value, header);
    }
  }

  private static void send(
      PlayedRouter router,
      String topic,
      String key,
      byte @Nullable [] value,
      DeliveryHeader header) {
    boolean compacted = topic.equals(TopicCatalogue.CONNECTORS);
    for (var record : new MalformedRecords(topic, key, value, header).next(80, 0)) {
      // The compacted topic accepts no record without a key, and a record without a value removes
      // the connector.
      if (!compacted || (record.key() != null && record.value() != null)) {
        router.send(
            new ProducerRecord<>(topic, 0, null, record.key(), record.value(), record.headers()));
      }
    }
  }
}
