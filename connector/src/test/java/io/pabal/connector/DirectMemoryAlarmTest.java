// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.connect5;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.Wire;
import io.pabal.telemetry.Health.Check;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A buffer that could not be had, on any event loop, is an alarm of the connector. */
@ExtendWith(Servers.Extension.class)
class DirectMemoryAlarmTest {

  @Test
  void shouldShowInHealthAndMetrics(Servers servers) {
    try (Station station = Station.start(servers)) {
      Connector connector = station.connector();
      var meters = new SimpleMeterRegistry();
      connector.bindTo(meters);
      assertThat(directMemory(connector).ok()).isTrue();

      for (var loop : connector.loops()) {
        loop.caught(new OutOfMemoryError("Cannot reserve 8 bytes of direct buffer memory"));
      }

      assertThat(directMemory(connector).ok()).isFalse();
      assertThat(directMemory(connector).detail()).contains("Raise mqtt.directMemoryBytes");
      assertThat(connector.health().isReady()).isFalse();
      assertThat(connector.health().isLive()).isTrue();
      assertThat(meters.get("pabal.connector.direct.memory.exhausted").functionCounter().count())
          .isEqualTo(connector.loops().size());
      try (Client client = station.connect(connect5("direct-memory"))) {
        client.send(Wire.pingReq());
        client.next(MqttMessageType.PINGRESP);
      }
    }
  }

  private static Check directMemory(Connector connector) {
    return connector.health().checks().stream()
        .filter(each -> each.name().equals("direct-memory"))
        .findFirst()
        .orElseThrow();
  }
}
