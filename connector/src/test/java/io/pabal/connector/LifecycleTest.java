// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect311;
import static io.pabal.connector.fixture.Wire.connect5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.Location;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A connector starts, stops, and ends when another incarnation takes its place. */
@ExtendWith(Servers.Extension.class)
class LifecycleTest {

  @Test
  void shouldTakeAHigherIncarnationAtEveryStart(Servers servers) {
    try (Station station = Station.start(servers)) {
      Location first = location(station, "lifecycle/incarnation", 1);
      station.restart();
      Location second = location(station, "lifecycle/incarnation", 3);

      assertThat(second.getIncarnation()).isGreaterThan(first.getIncarnation());
    }
  }

  @Test
  void shouldTakeAnIncarnationAboveAnyThatIsKnown(Servers servers) {
    long farAhead = System.currentTimeMillis() + Duration.ofDays(1_000).toMillis();
    try (Station station = Station.start(servers)) {
      station.connector().close();
      write(station, state(farAhead, ConnectorStatus.DOWN));

      station.restart();

      assertThat(location(station, "lifecycle/ahead", 1).getIncarnation()).isGreaterThan(farAhead);
    }
  }

  @Test
  void shouldWriteItsStatusWhenItStartsAndStops(Servers servers) {
    Station station = Station.start(servers);
    int port = station.connector().address().getPort();
    station.close();

    List<ConnectorState> states = states(servers, station.id());
    // UP is written a second time, when the free port that it got is known.
    assertThat(states.stream().map(ConnectorState::getStatus))
        .containsExactly(
            ConnectorStatus.UP, ConnectorStatus.UP, ConnectorStatus.DRAINING, ConnectorStatus.DOWN);
    assertThat(states.stream().map(ConnectorState::getIncarnation).distinct()).hasSize(1);
    assertThat(states.subList(1, 4).stream().map(ConnectorState::getPort)).containsOnly(port);
  }

  @Test
  void shouldWriteTheAddressThatClientsConnectTo(Servers servers) throws IOException {
    ConnectorConfig config = onPort(servers, "t-address", freePort());
    try (Connector connector = Connector.start(config)) {
      ConnectorState up = states(servers, "t-address").getFirst();

      assertThat(up.getStatus()).isEqualTo(ConnectorStatus.UP);
      assertThat(up.getHost()).isEqualTo("127.0.0.1");
      assertThat(up.getPort()).isEqualTo(connector.address().getPort());
    }
  }

  @Test
  void shouldEndWhenAnotherProcessTakesItsIncarnation(Servers servers) {
    try (Station station = Station.start(servers)) {
      write(station, state(Long.MAX_VALUE / 2, ConnectorStatus.UP));

      assertThatThrownBy(() -> awaitEnd(station))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("taken by another process")
          .hasMessageContaining(station.id());
    }
  }

  @Test
  void shouldEndWhenItIsRemovedFromTheCluster(Servers servers) {
    try (Station station = Station.start(servers)) {
      write(station, null);

      assertThatThrownBy(() -> awaitEnd(station))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("removed from the cluster");
    }
  }

  @Test
  void shouldKeepRunningWhenOtherConnectorsOrItsPastIncarnationsAreWritten(Servers servers) {
    try (Station station = Station.start(servers)) {
      write(station, state(1, ConnectorStatus.DOWN));
      station
          .router()
          .send(
              new ProducerRecord<>(
                  TopicCatalogue.CONNECTORS,
                  0,
                  utf8("somebody-else"),
                  Codecs.CONNECTOR_STATE.encode(state(Long.MAX_VALUE / 2, ConnectorStatus.UP))));
      station
          .router()
          .send(
              new ProducerRecord<>(
                  TopicCatalogue.CONNECTORS, 0, utf8(station.id()), new byte[] {1, 2, 3}));

      location(station, "lifecycle/goes-on", 1);
      assertThat(station.connector().terminated().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void shouldDisconnectItsClientsWhenItStops(Servers servers) {
    Station station = Station.start(servers);
    try (Client mqtt5 = station.connect(connect5("stopped"));
        Client mqtt311 = station.connect(connect311("stopped-311", true));
        Client silent = station.open()) {
      station.close();

      assertThat(mqtt5.next(MqttMessageType.DISCONNECT).code()).isEqualTo(0x9C);
      mqtt5.awaitClosed();
      mqtt311.awaitClosed();
      silent.awaitClosed();
      assertThat(mqtt311.poll(0)).isNull();
    }
    assertThat(station.connector().sessionCount()).isZero();
    assertThat(station.connector().terminated().toCompletableFuture()).isCompleted();
  }

  @Test
  void shouldNameAPortThatIsInUse(Servers servers) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ConnectorConfig onTakenPort = onPort(servers, "t-port", taken.getLocalPort());

      assertThatThrownBy(() -> Connector.start(onTakenPort))
          .hasMessageContaining("listener.port")
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
    assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
        .doesNotContain("deliveries", "control");
  }

  private static ConnectorConfig onPort(Servers servers, String id, int port) {
    ConnectorConfig config = servers.connectorConfig(id, ConnectorConfig.Limits.defaults());
    return new ConnectorConfig(
        id,
        new ConnectorConfig.Listener("127.0.0.1", port, true),
        config.kafka(),
        config.redisUri(),
        config.limits());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static Location location(Station station, String address, int count) {
    try (Client client = station.connect(connect5("lifecycle"))) {
      client.subscribe(1, address);
      Location location = station.router().activateAtEnd(address, count);
      client.next(MqttMessageType.SUBACK);
      return location;
    }
  }

  static void awaitEnd(Station station) throws Exception {
    station
        .connector()
        .terminated()
        .toCompletableFuture()
        .get(Client.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static ConnectorState state(long incarnation, ConnectorStatus status) {
    return new ConnectorState(incarnation, status, "127.0.0.1", 1, Instant.EPOCH);
  }

  private static void write(Station station, @Nullable ConnectorState state) {
    station
        .router()
        .send(
            new ProducerRecord<byte[], byte[]>(
                TopicCatalogue.CONNECTORS,
                0,
                utf8(station.id()),
                state == null ? null : Codecs.CONNECTOR_STATE.encode(state)));
  }

  private static List<ConnectorState> states(Servers servers, String connectorId) {
    var partition = new TopicPartition(TopicCatalogue.CONNECTORS, 0);
    List<ConnectorState> states = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", servers.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record -> {
                  if (new String(record.key(), StandardCharsets.UTF_8).equals(connectorId)) {
                    states.add(Codecs.CONNECTOR_STATE.decode(record.value()));
                  }
                });
      }
    }
    return states;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
