// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;

/**
 * Reads the packets of a server in place, without an object for any of them. Has no state: an
 * incomplete packet stays in the buffer.
 */
final class PacketReader {

  /** The longest packet; not announced in CONNECT, since the benches publish no longer one. */
  static final int PACKET_BYTES_MAX = 2 << 20;

  /** Receive Maximum where CONNACK does not name it (MQTT 5, 3.2.2.3.3). */
  static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;

  private PacketReader() {}

  /**
   * Hands every whole packet in {@code in} to {@code listener}, and moves the reader index behind
   * the last one.
   *
   * @throws MalformedPacketException when the bytes are not a valid packet
   */
  static void read(ByteBuf in, Protocol protocol, PacketListener listener) {
    int end = in.writerIndex();
    int index = in.readerIndex();
    while (end - index >= 2) {
      int length = VariableByteInteger.get(in, index + 1, end);
      if (length > PACKET_BYTES_MAX) {
        throw new MalformedPacketException(
            "a packet of %d bytes (expected: at most %d)".formatted(length, PACKET_BYTES_MAX));
      }
      int body = index + 1 + (length < 0 ? 0 : VariableByteInteger.size(length));
      if (length == VariableByteInteger.INCOMPLETE || body + length > end) {
        return;
      }
      index = body + length;
      in.readerIndex(index);
      packet(
          in.getUnsignedByte(body - 1 - VariableByteInteger.size(length)),
          in,
          body,
          index,
          protocol,
          listener);
    }
  }

  private static void packet(
      int header, ByteBuf in, int body, int end, Protocol protocol, PacketListener listener) {
    switch (header >> 4) {
      case PacketType.PUBLISH -> publish(header, in, body, end, protocol, listener);
      case PacketType.PUBACK -> {
        need(end - body >= 2, "PUBACK");
        listener.pubAck(in.getUnsignedShort(body), optionalCode(in, body + 2, end));
      }
      case PacketType.CONNACK -> {
        need(end - body >= 2, "CONNACK");
        listener.connAck(
            (in.getByte(body) & 1) != 0,
            in.getUnsignedByte(body + 1),
            protocol.hasProperties()
                ? Properties.receiveMaximum(in, body + 2, end)
                : RECEIVE_MAXIMUM_DEFAULT);
      }
      case PacketType.SUBACK -> {
        int codes = protocol.hasProperties() ? Properties.skip(in, body + 2, end) : body + 2;
        need(codes < end, "SUBACK");
        listener.subAck(in.getUnsignedByte(codes));
      }
      case PacketType.PINGRESP -> listener.pingResp();
      case PacketType.DISCONNECT -> listener.disconnect(optionalCode(in, body, end));
      default ->
          throw new MalformedPacketException(
              "packet type %d (expected: one that a server sends at QoS 0 and 1)"
                  .formatted(header >> 4));
    }
  }

  private static void publish(
      int header, ByteBuf in, int body, int end, Protocol protocol, PacketListener listener) {
    int qos = (header >> 1) & 3;
    need(qos < 2 && end - body >= 2, "PUBLISH");
    int index = body + 2 + in.getUnsignedShort(body);
    int packetId = 0;
    if (qos > 0) {
      need(index + 2 <= end, "PUBLISH");
      packetId = in.getUnsignedShort(index);
      need(packetId > 0, "PUBLISH");
      index += 2;
    }
    if (protocol.hasProperties()) {
      index = Properties.skip(in, index, end);
    }
    need(index <= end, "PUBLISH");
    listener.publish(packetId, in, index, end - index);
  }

  private static int optionalCode(ByteBuf in, int index, int end) {
    return index < end ? in.getUnsignedByte(index) : 0;
  }

  private static void need(boolean holds, String packet) {
    if (!holds) {
      throw new MalformedPacketException("a malformed " + packet);
    }
  }
}
