// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static io.pabal.connector.fixture.Wire.connect5;
import static io.pabal.connector.fixture.Wire.disconnect;
import static io.pabal.connector.fixture.Wire.resume5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.pabal.connector.fixture.Servers;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The session events of a session's beginning and end. */
@ExtendWith(Servers.Extension.class)
class SessionLifeTest {

  private EmbeddedFront front;

  @BeforeEach
  void open(Servers servers) {
    front = new EmbeddedFront(servers);
  }

  @AfterEach
  void close() {
    front.close();
  }

  @Test
  void shouldReportThatASessionEndsWithItsConnection() {
    front.connected(connect5("life-short")).send(disconnect()).awaitClosed();

    assertThat(front.events)
        .extracting(SessionEvent::getKind, SessionEvent::getReason)
        .containsExactly(
            tuple(SessionEventKind.CONNECTED, ""),
            tuple(SessionEventKind.DISCONNECTED, "client"),
            tuple(SessionEventKind.EXPIRED, "connection-ended"));
  }

  @Test
  void shouldNotReportThatAKeptSessionExpiresWhileItIsKept() {
    front.connected(resume5("life-kept")).send(disconnect()).awaitClosed();
    front.connected(resume5("life-kept")).send(disconnect()).awaitClosed();

    assertThat(front.events)
        .extracting(SessionEvent::getKind)
        .containsExactly(
            SessionEventKind.CONNECTED,
            SessionEventKind.DISCONNECTED,
            SessionEventKind.RESUMED,
            SessionEventKind.DISCONNECTED);
  }

  @Test
  void shouldReportThatACleanStartDropsAKeptSession() {
    front.connected(resume5("life-dropped")).send(disconnect()).awaitClosed();
    front.events.clear();

    front.connected(connect5("life-dropped"));

    assertThat(front.events)
        .extracting(SessionEvent::getKind, SessionEvent::getReason)
        .containsExactly(
            tuple(SessionEventKind.EXPIRED, "clean-start"), tuple(SessionEventKind.CONNECTED, ""));
  }

  @Test
  void shouldNotReportADroppedSessionWhenCleanStartFindsNone() {
    front.connected(connect5("life-new"));

    assertThat(front.events)
        .extracting(SessionEvent::getKind)
        .containsExactly(SessionEventKind.CONNECTED);
  }
}
