// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;

/** Gets what {@link PacketReader} reads, one call for each packet. */
interface PacketListener {

  /**
   * A CONNACK.
   *
   * @param receiveMaximum how many PUBLISH packets the server lets be unacknowledged
   */
  void connAck(boolean sessionPresent, int reasonCode, int receiveMaximum);

  /** A SUBACK, with the reason code of its one subscription. */
  void subAck(int reasonCode);

  /** A PUBACK. */
  void pubAck(int packetId, int reasonCode);

  /**
   * A PUBLISH.
   *
   * @param packetId 0 at QoS 0
   * @param payloadIndex where the payload begins in {@code in}, which is the reader's
   */
  void publish(int packetId, ByteBuf in, int payloadIndex, int payloadBytes);

  /** A PINGRESP. */
  void pingResp();

  /** A DISCONNECT of the server. */
  void disconnect(int reasonCode);
}
