// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Location;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.SubscriptionState;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The cursors that a session writes to {@code sessions}, from which Redis can be rebuilt. */
@ExtendWith(Servers.Extension.class)
class SessionProgressTest {

  @Test
  void shouldWriteCursorsWhileItMovesAndWhenItLeaves(Servers servers) {
    String address = "progress/moves";
    try (Station station = Station.start(servers, limits());
        TopicTail<SessionEvent> events = TopicTail.sessions(servers, "progress");
        Client client = station.connect(resume5("progress"))) {
      PlayedRouter router = station.router();
      client.send(Wire.subscribe5(1, Wire.filter(address, 1)));
      Location location = router.activateAtEnd(address, 1);
      assertThat(client.next(MqttMessageType.SUBACK).codes()).containsExactly(1);

      router.route(location, router.publish(address, "1"));
      assertThat(client.takePayloads(1)).containsExactly("1");

      SessionEvent progress = nextOf(events, SessionEventKind.OTHER);
      assertThat(progress.getReason()).isEqualTo("progress");
      assertThat(cursor(progress)).isEqualTo(router.head(address));

      router.route(location, router.publish(address, "2"));
      assertThat(client.takePayloads(1)).containsExactly("2");
      client.send(Wire.disconnect()).awaitClosed();

      assertThat(cursor(nextOf(events, SessionEventKind.DISCONNECTED)))
          .isEqualTo(router.head(address));
    }
  }

  private static ConnectorConfig.Limits limits() {
    return Station.limits(Patience.MAX).withProgressInterval(Duration.ZERO);
  }

  private static long cursor(SessionEvent event) {
    assertThat(event.getSubscriptions()).hasSize(1);
    SubscriptionState only = event.getSubscriptions().getFirst();
    return only.getCursor();
  }

  private static SessionEvent nextOf(TopicTail<SessionEvent> events, SessionEventKind kind) {
    SessionEvent event = events.next();
    while (event.getKind() != kind) {
      event = events.next();
    }
    return event;
  }
}
