// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.connector.admission.AdmissionQueue;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionProfile;

/** Where a connection stands; see {@link MqttConnection} for how one follows another. */
sealed interface ConnectionState {

  /** The socket is open; the first packet has to be CONNECT. */
  record AwaitingConnect() implements ConnectionState {}

  /**
   * CONNECT was taken; it waits for its turn, or the session is being claimed. What comes meanwhile
   * is held, and stops the reading.
   */
  record Claiming(SessionProfile profile, AdmissionQueue.PendingConnect guest)
      implements ConnectionState {}

  /** CONNACK was sent; the session is live. */
  record Live(Session session) implements ConnectionState {}

  /** The session is given up and the socket is closed, or about to be. Packets are thrown away. */
  record Ended() implements ConnectionState {}
}
