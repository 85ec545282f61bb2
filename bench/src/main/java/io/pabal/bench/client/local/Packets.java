// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** The few MQTT 5 packets that the clients send, as bytes. Strings are ASCII. */
final class Packets {

  static final int CONNACK = 2;
  static final int PUBLISH = 3;
  static final int PUBACK = 4;
  static final int SUBACK = 9;
  static final int PINGRESP = 13;
  static final int DISCONNECT = 14;

  /** Everything that is sent here is shorter than one byte of Remaining Length can say. */
  private static final int LENGTH_MAX = 127;

  private static final int CONNECT_BYTES = 10;
  private static final int PROTOCOL_VERSION = 5;
  private static final int CLEAN_START = 2;
  private static final int SESSION_EXPIRY_INTERVAL = 17;

  private Packets() {}

  /** CONNECT; {@code expirySeconds} 0: a clean start, and nothing is kept. */
  static ByteBuf connect(String clientId, int keepAliveSeconds, int expirySeconds) {
    ByteBuf packet = packet(0x10, CONNECT_BYTES + 6 + 2 + clientId.length());
    string(packet, "MQTT");
    packet.writeByte(PROTOCOL_VERSION);
    packet.writeByte(expirySeconds == 0 ? CLEAN_START : 0);
    packet.writeShort(keepAliveSeconds);
    packet.writeByte(5).writeByte(SESSION_EXPIRY_INTERVAL).writeInt(expirySeconds);
    string(packet, clientId);
    return packet;
  }

  /** SUBSCRIBE at QoS 1, packet identifier 1. */
  static ByteBuf subscribe(String address) {
    ByteBuf packet = packet(0x82, 3 + 2 + address.length() + 1);
    packet.writeShort(1).writeByte(0);
    string(packet, address);
    packet.writeByte(1);
    return packet;
  }

  /** PUBLISH at QoS 1 with two numbers as its payload. */
  static ByteBuf publish(int packetId, String address, long first, long second) {
    ByteBuf packet = packet(0x32, 2 + address.length() + 2 + 1 + 2 * Long.BYTES);
    string(packet, address);
    packet.writeShort(packetId).writeByte(0).writeLong(first).writeLong(second);
    return packet;
  }

  static ByteBuf pubAck(int packetId) {
    return packet(0x40, 2).writeShort(packetId);
  }

  static ByteBuf pingReq() {
    return packet(0xC0, 0);
  }

  /** Uses the allocator of socket reads, so that the connector keeps the same buffers. */
  private static ByteBuf packet(int type, int length) {
    if (length > LENGTH_MAX) {
      throw new IllegalArgumentException(
          "a packet of %d bytes (expected: at most %d)".formatted(length, LENGTH_MAX));
    }
    return ByteBufAllocator.DEFAULT.directBuffer(2 + length).writeByte(type).writeByte(length);
  }

  private static void string(ByteBuf packet, String text) {
    packet.writeShort(text.length()).writeCharSequence(text, StandardCharsets.US_ASCII);
  }
}
