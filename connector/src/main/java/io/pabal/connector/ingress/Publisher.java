// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

/** A connection that publishes, as the way into Kafka sees it. */
public interface Publisher {

  /** Kafka has the message; the PUBACK may leave. On the connection's event loop. */
  void acknowledge(int packetId);

  /**
   * Kafka refused this one QoS 1 message, in its turn; the connection goes on. Called only when
   * {@link #outlivesRefusal}. On the connection's event loop.
   */
  void refuse(int packetId, AppendRefusedException refusal);

  /**
   * A message will not be appended, and the connection has to be closed: an {@link
   * AppendRefusedException} says that the message itself is the cause. Called once, on the
   * connection's event loop.
   */
  void appendFailed(Exception cause);

  /**
   * Whether the client can be told that one QoS 1 message was refused without ending the connection
   * (MQTT 5: a PUBACK with a reason code). Any thread; does not change once the client publishes.
   */
  boolean outlivesRefusal();

  /**
   * Something of this connection alone went wrong while its answers were handed out; it has to be
   * closed, and this must not throw. On the connection's event loop.
   */
  void failed(Throwable cause);
}
