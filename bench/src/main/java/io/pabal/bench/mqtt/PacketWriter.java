// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Writes the packets of a client. */
final class PacketWriter {

  private static final byte[] PROTOCOL_NAME = {0, 4, 'M', 'Q', 'T', 'T'};
  private static final int CLEAN_START = 1 << 1;
  private static final int SUBSCRIBE_FLAGS = 1 << 1;
  private static final int SUBSCRIBE_PACKET_ID = 1;
  private static final int SESSION_EXPIRY_BYTES = 5;

  private PacketWriter() {}

  /** CONNECT (MQTT 5, 3.1). An MQTT 3.1.1 session that is not clean is kept for ever. */
  static void connect(
      ByteBuf out, Protocol protocol, String clientId, boolean cleanStart, SessionOptions session) {
    byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
    int properties =
        (session.expirySeconds() > 0 ? SESSION_EXPIRY_BYTES : 0)
            + (session.receiveMaximum() > 0 ? 3 : 0);
    out.writeByte(PacketType.CONNECT << 4);
    VariableByteInteger.write(
        out,
        PROTOCOL_NAME.length + 4 + (protocol.hasProperties() ? 1 + properties : 0) + 2 + id.length);
    out.writeBytes(PROTOCOL_NAME);
    out.writeByte(protocol.level);
    out.writeByte(cleanStart ? CLEAN_START : 0);
    out.writeShort(session.keepAliveSeconds());
    if (protocol.hasProperties()) {
      out.writeByte(properties);
      if (session.expirySeconds() > 0) {
        out.writeByte(Properties.SESSION_EXPIRY_INTERVAL).writeInt(session.expirySeconds());
      }
      if (session.receiveMaximum() > 0) {
        out.writeByte(Properties.RECEIVE_MAXIMUM).writeShort(session.receiveMaximum());
      }
    }
    out.writeShort(id.length).writeBytes(id);
  }

  /** SUBSCRIBE to one address (MQTT 5, 3.8). */
  static void subscribe(ByteBuf out, Protocol protocol, String address, int qos) {
    byte[] filter = address.getBytes(StandardCharsets.UTF_8);
    out.writeByte((PacketType.SUBSCRIBE << 4) | SUBSCRIBE_FLAGS);
    VariableByteInteger.write(out, 2 + (protocol.hasProperties() ? 1 : 0) + 2 + filter.length + 1);
    out.writeShort(SUBSCRIBE_PACKET_ID);
    if (protocol.hasProperties()) {
      out.writeByte(0);
    }
    out.writeShort(filter.length).writeBytes(filter).writeByte(qos);
  }

  /** PUBACK of success (MQTT 5, 3.4). */
  static void pubAck(ByteBuf out, int packetId) {
    out.writeInt((PacketType.PUBACK << 28) | (2 << 16) | packetId);
  }

  /** PINGREQ (MQTT 5, 3.12). */
  static void pingReq(ByteBuf out) {
    out.writeShort(PacketType.PINGREQ << 12);
  }

  /**
   * DISCONNECT (MQTT 5, 3.14).
   *
   * @param forget whether the session ends with it, which only MQTT 5 can say
   */
  static void disconnect(ByteBuf out, Protocol protocol, boolean forget) {
    if (forget && protocol.hasProperties()) {
      out.writeByte(PacketType.DISCONNECT << 4).writeByte(2 + SESSION_EXPIRY_BYTES);
      out.writeByte(0).writeByte(SESSION_EXPIRY_BYTES);
      out.writeByte(Properties.SESSION_EXPIRY_INTERVAL).writeInt(0);
    } else {
      out.writeShort(PacketType.DISCONNECT << 12);
    }
  }
}
