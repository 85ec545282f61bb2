// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

/** A connection that publishes: gets the answers to the messages that {@link Ingress} appends. */
public interface Publisher {

  /**
   * Sends the PUBACK of a message that Kafka has stored. Called on the connection's event loop, in
   * the order of the PUBLISH packets (MQTT 5 and 3.1.1, 4.6).
   */
  void acknowledge(int packetId);

  /**
   * Sends a PUBACK with a reason code for a QoS 1 message that Kafka refused; the connection goes
   * on. Called in the same order as {@link #acknowledge}, on the connection's event loop, and only
   * when {@link #outlivesRefusal} is true.
   */
  void refuse(int packetId, AppendRefusedException refusal);

  /**
   * Closes the connection, because a message will not be appended. When {@code cause} is an {@link
   * AppendRefusedException}, the message itself is the cause. Called at most once, on the
   * connection's event loop.
   */
  void appendFailed(Exception cause);

  /**
   * Whether a QoS 1 message can be refused without closing the connection (MQTT 5: by a PUBACK with
   * a reason code). Called by any thread; does not change once the client publishes.
   */
  boolean outlivesRefusal();

  /**
   * Closes the connection, because handling one of its answers failed. Must not throw. Called on
   * the connection's event loop.
   */
  void failed(Throwable cause);
}
