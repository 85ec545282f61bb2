// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import java.util.concurrent.CompletableFuture;

/**
 * One network connection of an off-the-shelf MQTT client. Each link is used for one connection
 * only. Every future completes exceptionally if the connection ends first.
 */
interface Link {

  /** How long a connector may take to answer a CONNECT, in seconds. */
  int CONNECT_TIMEOUT_SECONDS = 8;

  /** How long the session outlives its connection, in seconds. */
  int SESSION_EXPIRY_SECONDS = 3_600;

  /**
   * The options of a connection.
   *
   * @param port the connector's port on 127.0.0.1
   * @param clientId the Client Identifier
   * @param persistent whether the session outlives the connection
   * @param cleanStart whether an earlier session is discarded (MQTT 5 only)
   * @param keepAliveSeconds the Keep Alive, after which a silent connector is noticed
   * @param receiveMax the Receive Maximum: unacknowledged QoS 1 messages (MQTT 5 only)
   */
  record Options(
      int port,
      String clientId,
      boolean persistent,
      boolean cleanStart,
      int keepAliveSeconds,
      int receiveMax) {}

  /** Sends CONNECT; completes at a CONNACK that accepts. Must be called only once. */
  CompletableFuture<?> connect();

  /** Subscribes at QoS 1; completes exceptionally when the subscription is refused. */
  CompletableFuture<?> subscribe(String address);

  /** Unsubscribes. */
  CompletableFuture<?> unsubscribe(String address);

  /** Publishes at QoS 1; completes at a PUBACK with a success code. */
  CompletableFuture<?> publish(String address, byte[] payload);

  /** Sends DISCONNECT. */
  void disconnect();

  /** A link for MQTT 5 or for MQTT 3.1.1. */
  static Link of(boolean mqtt5, Options options, LinkListener listener) {
    return mqtt5 ? new Mqtt5Link(options, listener) : new Mqtt3Link(options, listener);
  }
}
