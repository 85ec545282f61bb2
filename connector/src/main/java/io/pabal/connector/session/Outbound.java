// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;

/**
 * The network connection of a session, as the session uses it. On the connection's event loop only.
 */
public interface Outbound {

  /**
   * Whether the socket takes more now; when it does again after it did not, {@link
   * Session#writable} is called.
   */
  boolean isWritable();

  /** Gathers a PUBLISH for the loop's next flush; {@code packetId} counts at QoS 1 only. */
  void publish(Delivery delivery, int qos, int packetId);

  /** Whether the client takes a packet of this size (Maximum Packet Size). */
  boolean accepts(int packetBytes);

  /** Whether the client speaks MQTT 5. */
  boolean isMqtt5();

  /** Ends the connection for the reason, telling the client where its protocol can. */
  void end(EndReason reason);
}
