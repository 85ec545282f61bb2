// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.Health.Check;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Health when Kafka answers but accepts no message. */
@Isolated // denies a right to all users
@ExtendWith(Servers.Extension.class)
class AppendHealthTest {

  private static final String REASON = "this user may not write to messages";

  @AfterEach
  void heal(Servers servers) throws Exception {
    servers.allowAll();
  }

  @Test
  void shouldSayWhyKafkaAcceptsNoMessageWithAndWithoutPublishers(Servers servers) throws Exception {
    try (Station station = Station.appendingWithin(servers, Duration.ofSeconds(2))) {
      awaitAppends(station, true, "");

      // While no client publishes.
      servers.denyWriting(TopicCatalogue.MESSAGES);
      awaitAppends(station, false, REASON);

      // While a client publishes.
      try (Client publisher = station.connect(connect5("append-health-1"))) {
        publisher.send(Wire.publish5(1, "append-health/a", "p"));
        awaitAppends(station, false, "Not authorized to access topics: [messages]");
      }
      awaitAppends(station, false, REASON);
      assertThat(station.connector().health().isReady()).isFalse();
      assertThat(station.connector().health().isLive()).isTrue();

      // The next message that Kafka accepts makes the check pass again.
      servers.allowAll();
      Awaitility.await()
          .atMost(Client.PATIENCE)
          .ignoreExceptions()
          .until(
              () -> {
                try (Client publisher = station.connect(connect5("append-health-2"))) {
                  publisher.send(Wire.publish5(1, "append-health/a", "p"));
                  return publisher.next(MqttMessageType.PUBACK).packetId() == 1;
                }
              });
      awaitAppends(station, true, "");
    }
  }

  private static void awaitAppends(Station station, boolean ok, String part) {
    Awaitility.await()
        .atMost(Client.PATIENCE)
        .untilAsserted(
            () -> {
              Check check = check(station, "kafka-appends");
              assertThat(check.ok()).as(check.toString()).isEqualTo(ok);
              assertThat(check.detail()).contains(part);
            });
  }

  private static Check check(Station station, String name) {
    return station.connector().health().checks().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
