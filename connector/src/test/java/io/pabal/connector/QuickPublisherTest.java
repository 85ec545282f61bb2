// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Message;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that publish at QoS 0 and close their sockets at once. */
@ExtendWith(Servers.Extension.class)
class QuickPublisherTest {

  private static final int CLIENTS = 20;

  @Test
  void shouldStoreMessagesSentBeforeTheEndOfTheStream(Servers servers) {
    String topic = "quick/publisher";
    try (Station station = Station.start(servers);
        TopicTail<Message> messages = TopicTail.messages(servers, topic)) {
      for (int i = 0; i < CLIENTS; i++) {
        try (Client client = Client.open(station.connector().address())) {
          client.send(
              Wire.connect311("quick-" + i, true),
              Wire.publish(0x30, -1, topic, new byte[0], "message " + i),
              Wire.disconnect());
        }
      }

      Set<String> received = new HashSet<>();
      for (int i = 0; i < CLIENTS; i++) {
        received.add(StandardCharsets.UTF_8.decode(messages.next().getPayload()).toString());
      }
      assertThat(received).hasSize(CLIENTS);
    }
  }
}
