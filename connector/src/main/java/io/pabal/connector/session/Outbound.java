// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.PublishFormat;

/**
 * The network connection of a session, as the session uses it. Called on the connection's event
 * loop only.
 */
public interface Outbound {

  /**
   * Whether the socket accepts more bytes now. When a full socket accepts bytes again, the
   * connection calls {@link Session#writable}.
   */
  boolean isWritable();

  /**
   * Whether a QoS 0 message can be published. A full socket does not rule it out: a bounded number
   * of bytes may wait for the client to read. When the answer is true, the connection may have
   * counted the bytes as waiting already, so the caller has to call {@link #publish}.
   *
   * @param packetBytes size of the PUBLISH packet in bytes
   */
  boolean takesAtMostOnce(int packetBytes);

  /**
   * Adds a PUBLISH to the output of the event loop's next flush.
   *
   * @param qos 0 or 1
   * @param packetId the packet identifier, 1-65535; ignored at QoS 0
   * @param dup the DUP flag: whether the delivery was sent on an earlier connection (MQTT 5,
   *     3.3.1.1)
   */
  void publish(Delivery delivery, int qos, int packetId, boolean dup);

  /** Whether the client accepts a packet of this size (Maximum Packet Size, MQTT 5, 3.1.2.11.4). */
  boolean accepts(int packetBytes);

  /** The format of the PUBLISH packets for this client. */
  PublishFormat format();

  /**
   * Ends the connection. An MQTT 5 client is sent the reason in a DISCONNECT where one is defined.
   */
  void end(EndReason reason);
}
