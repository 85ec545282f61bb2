// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import java.util.concurrent.CompletableFuture;

/**
 * One network connection of an off-the-shelf MQTT client, used once. Every future completes
 * exceptionally when the connection ends first.
 */
interface Link {

  /** How long a connector may take to answer a CONNECT. */
  int CONNECT_TIMEOUT_SECONDS = 8;

  /** How long the session outlives its connection, in seconds. */
  int SESSION_EXPIRY_SECONDS = 3_600;

  /**
   * Who connects, and how.
   *
   * @param port the connector's, on 127.0.0.1
   * @param clientId the client identifier
   * @param persistent whether the session outlives the connection
   * @param cleanStart whether an earlier session is to be forgotten
   * @param keepAliveSeconds how soon a connector that is silent is noticed
   * @param receiveMax QoS 1 messages that may be unacknowledged (MQTT 5 only)
   */
  record Options(
      int port,
      String clientId,
      boolean persistent,
      boolean cleanStart,
      int keepAliveSeconds,
      int receiveMax) {}

  /** Sends CONNECT; to be called once. */
  CompletableFuture<?> connect();

  /** Subscribes at QoS 1; completes exceptionally when that is not granted. */
  CompletableFuture<?> subscribe(String address);

  /** Unsubscribes. */
  CompletableFuture<?> unsubscribe(String address);

  /** Publishes at QoS 1; completes at a PUBACK that says that the message was taken. */
  CompletableFuture<?> publish(String address, byte[] payload);

  /** Sends DISCONNECT. */
  void disconnect();

  /** A link in the protocol version asked for. */
  static Link of(boolean mqtt5, Options options, LinkListener listener) {
    return mqtt5 ? new Mqtt5Link(options, listener) : new Mqtt3Link(options, listener);
  }
}
