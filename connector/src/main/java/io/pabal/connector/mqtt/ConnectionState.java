// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.connector.admission.AdmissionQueue;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionProfile;

/** The state of a connection; {@link MqttConnection} has the transitions. */
sealed interface ConnectionState {

  /** The socket is open; the first packet has to be CONNECT. */
  record AwaitingConnect() implements ConnectionState {}

  /**
   * CONNECT was received: it waits in the admission queue, or the session is being claimed. A
   * packet that arrives meanwhile is held and pauses reading.
   */
  record Claiming(SessionProfile profile, AdmissionQueue.PendingConnect guest)
      implements ConnectionState {}

  /** CONNACK was sent; the session is live. */
  record Live(Session session) implements ConnectionState {}

  /** The session is given up, and the socket is closed or about to be. Packets are discarded. */
  record Ended() implements ConnectionState {}
}
