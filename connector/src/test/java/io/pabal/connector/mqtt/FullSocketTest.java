// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.filter;
import static io.pabal.connector.fixture.Wire.pingReq;
import static io.pabal.connector.fixture.Wire.publish5;
import static io.pabal.connector.fixture.Wire.subscribe5;
import static io.pabal.connector.fixture.Wire.unsubscribe5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.mqtt.EmbeddedFront.Peer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that sends requests and does not read the answers. */
@ExtendWith(Servers.Extension.class)
class FullSocketTest {

  private EmbeddedFront front;

  @BeforeEach
  void open(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void close() {
    front.close();
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of(pingReq(), MqttMessageType.PINGRESP),
        Arguments.of(publish5(1, "full/1", "x"), MqttMessageType.PUBACK),
        Arguments.of(subscribe5(2, filter("full/#", 1)), MqttMessageType.SUBACK),
        Arguments.of(unsubscribe5(3, "full/1"), MqttMessageType.UNSUBACK));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void shouldAnswerWhenTheClientReadsAgain(byte[] request, MqttMessageType answer) {
    Peer peer = front.connected(connect5("full"));

    peer.full(true);
    peer.send(request, request);

    assertThat(peer.isReading()).isFalse();
    assertThat(peer.receive()).isEmpty();

    peer.full(false);
    peer.next(answer);
    peer.next(answer);
    assertThat(peer.isReading()).isTrue();
  }
}
