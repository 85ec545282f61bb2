// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.PublishFormat;

/**
 * The network connection of a session, as the session uses it. On the connection's event loop only.
 */
public interface Outbound {

  /**
   * Whether the socket takes more now; when it does again after it did not, {@link
   * Session#writable} is called.
   */
  boolean isWritable();

  /**
   * Whether a message of QoS 0 is to be published although the socket may be full: a bounded number
   * of bytes waits for a client that reads. Counts as taken; {@link #publish} has to follow.
   */
  boolean takesAtMostOnce(int packetBytes);

  /**
   * Gathers a PUBLISH for the loop's next flush.
   *
   * @param packetId counts at QoS 1 only
   * @param again whether an earlier connection was sent it already (DUP)
   */
  void publish(Delivery delivery, int qos, int packetId, boolean again);

  /** Whether the client takes a packet of this size (Maximum Packet Size). */
  boolean accepts(int packetBytes);

  /** How the client wants its PUBLISH packets. */
  PublishFormat format();

  /** Ends the connection for the reason, telling the client where its protocol can. */
  void end(EndReason reason);
}
