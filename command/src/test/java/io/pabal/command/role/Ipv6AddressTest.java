// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.mqtt.Protocol;
import io.pabal.command.connectors.ConnectorEntry;
import io.pabal.command.foreground.Part;
import io.pabal.command.http.HttpConfig;
import io.pabal.command.http.Monitor;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** An address of IPv6 is printed in brackets. */
class Ipv6AddressTest {

  @Test
  void shouldBeInBracketsInTheReadyLine() throws Exception {
    assumeTrue(hasIpv6(), "this machine has no IPv6");
    Part http = RoleProcess.http(new HttpConfig("::1", 0), new Monitor());
    try (var _ = http.running()) {
      assertThat(http.address()).matches("http://\\[::1]:\\d+/metrics");
    }
  }

  @Test
  void shouldBeInBracketsInTheListOfConnectors() {
    ConnectorState state =
        ConnectorState.newBuilder()
            .setIncarnation(1)
            .setHost("::1")
            .setPort(1883)
            .setStatus(ConnectorStatus.UP)
            .setSince(Instant.EPOCH)
            .build();

    assertThat(new ConnectorEntry("c1", state, true, null).address()).isEqualTo("[::1]:1883");
  }

  @Test
  void shouldBeInBracketsInWhatABenchSays() throws IOException {
    InetAddress address = InetAddress.getByName("[::1]");

    assertThat(new Endpoint(new InetSocketAddress(address, 1883), Protocol.MQTT_5, 1))
        .asString()
        .endsWith(":1]:1883")
        .startsWith("[");
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
