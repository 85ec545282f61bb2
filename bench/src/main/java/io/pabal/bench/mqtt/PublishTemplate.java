// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * A PUBLISH packet to one address, of which all but the packet identifier and the beginning of the
 * payload is encoded already. Immutable.
 */
public final class PublishTemplate {

  private final byte[] head;
  private final byte[] tail;
  private final int qos;
  private final boolean hasProperties;
  private final int bytes;

  /**
   * Packets with {@code payloadBytes} of payload: a stamp of {@code stampBytes}, which the writer
   * writes, and a constant rest.
   */
  public PublishTemplate(
      Protocol protocol, String address, int qos, int stampBytes, int payloadBytes) {
    byte[] topic = address.getBytes(StandardCharsets.UTF_8);
    this.qos = qos;
    this.hasProperties = protocol.hasProperties();
    int remaining = 2 + topic.length + (qos > 0 ? 2 : 0) + (hasProperties ? 1 : 0) + payloadBytes;
    ByteBuf begin = Unpooled.buffer();
    begin.writeByte((PacketType.PUBLISH << 4) | (qos << 1));
    VariableByteInteger.write(begin, remaining);
    begin.writeShort(topic.length).writeBytes(topic);
    this.head = new byte[begin.readableBytes()];
    begin.readBytes(head);
    this.bytes = 1 + VariableByteInteger.size(remaining) + remaining;
    this.tail = new byte[payloadBytes - stampBytes];
    for (int i = 0; i < tail.length; i++) {
      tail[i] = (byte) ('a' + i % 26);
    }
  }

  /** Writes everything before the stamp. */
  void begin(ByteBuf out, int packetId) {
    out.ensureWritable(bytes);
    out.writeBytes(head);
    if (qos > 0) {
      out.writeShort(packetId);
    }
    if (hasProperties) {
      out.writeByte(0);
    }
  }

  /** Writes everything behind the stamp. */
  void end(ByteBuf out) {
    out.writeBytes(tail);
  }

  /** The Quality of Service: 0 or 1. */
  public int qos() {
    return qos;
  }
}
