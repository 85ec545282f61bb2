// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;

/** Reads the Receive Maximum and skips all other properties of a packet (MQTT 5, 2.2.2). */
final class Properties {

  static final int SESSION_EXPIRY_INTERVAL = 0x11;
  static final int RECEIVE_MAXIMUM = 0x21;

  private Properties() {}

  /** The index behind the properties that begin at {@code index}. */
  static int skip(ByteBuf in, int index, int end) {
    int length = VariableByteInteger.get(in, index, end);
    int behind = index + VariableByteInteger.size(length) + length;
    if (length == VariableByteInteger.INCOMPLETE || behind > end) {
      throw new MalformedPacketException("properties longer than their packet");
    }
    return behind;
  }

  /** The Receive Maximum among the properties that begin at {@code index}. */
  static int receiveMaximum(ByteBuf in, int index, int end) {
    int behind = skip(in, index, end);
    int at = index + VariableByteInteger.size(VariableByteInteger.get(in, index, end));
    while (at < behind) {
      if (in.getByte(at) == RECEIVE_MAXIMUM && at + 3 <= behind) {
        return in.getUnsignedShort(at + 1);
      }
      at += 1 + size(in, at, behind);
    }
    return PacketReader.RECEIVE_MAXIMUM_DEFAULT;
  }

  /** The bytes of the value of the property at {@code at}. */
  private static int size(ByteBuf in, int at, int end) {
    return switch (in.getByte(at)) {
      case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A -> 1;
      case 0x13, RECEIVE_MAXIMUM, 0x22, 0x23 -> 2;
      case 0x02, SESSION_EXPIRY_INTERVAL, 0x18, 0x27 -> 4;
      case 0x0B -> VariableByteInteger.size(VariableByteInteger.get(in, at + 1, end));
      case 0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F -> text(in, at + 1, end);
      case 0x26 -> {
        int name = text(in, at + 1, end);
        yield name + text(in, at + 1 + name, end);
      }
      default ->
          throw new MalformedPacketException("property %d".formatted(in.getUnsignedByte(at)));
    };
  }

  private static int text(ByteBuf in, int at, int end) {
    if (at + 2 > end) {
      throw new MalformedPacketException("properties longer than their packet");
    }
    return 2 + in.getUnsignedShort(at);
  }
}
