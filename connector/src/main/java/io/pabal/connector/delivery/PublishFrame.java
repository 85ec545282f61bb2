// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.pabal.connector.tracing.TraceContext;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.UserProperty;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One PUBLISH packet, encoded once for all its receivers (MQTT 5 and 3.1.1, 3.3). Only the Packet
 * Identifier and the DUP flag differ between receivers; {@link #writeTo} fills them in. Immutable.
 */
final class PublishFrame {

  private static final int PUBLISH = 3 << 4;
  private static final int DUP = 1 << 3;
  private static final int QOS_1 = 1 << 1;

  private static final int PAYLOAD_FORMAT_INDICATOR = 0x01;
  private static final int MESSAGE_EXPIRY_INTERVAL = 0x02;
  private static final int CONTENT_TYPE = 0x03;
  private static final int RESPONSE_TOPIC = 0x08;
  private static final int CORRELATION_DATA = 0x09;
  private static final int USER_PROPERTY = 0x26;

  /** The maximum of a Four Byte Integer; another producer's record may hold a longer interval. */
  private static final long EXPIRY_SECONDS_MAX = 0xFFFF_FFFFL;

  private static final int PROPERTIES_BYTES_GUESSED = 64;

  /** The packet with Packet Identifier 0. */
  private final byte[] bytes;

  /** The index of the Packet Identifier in the packet; -1 at QoS 0. */
  private final int packetIdIndex;

  private PublishFrame(byte[] bytes, int packetIdIndex) {
    this.bytes = bytes;
    this.packetIdIndex = packetIdIndex;
  }

  /**
   * Encodes {@code message}.
   *
   * @param address the topic name
   * @param partition the partition of the topic of messages that holds the message
   * @param qos 0 or 1
   * @param nowMillis milliseconds since 1970, from which the remaining Message Expiry Interval is
   *     computed (MQTT 5, 3.3.2.3.3)
   * @param trace the trace context that an MQTT 5 client receives instead of the publisher's own;
   *     null: the publisher's own
   * @param gap the positions of missing messages, for an MQTT 5 client; null: none
   */
  static PublishFrame encode(
      String address,
      int partition,
      long offset,
      MessageView message,
      int qos,
      PublishFormat format,
      long nowMillis,
      @Nullable TraceContext trace,
      @Nullable String gap) {
    ByteBuffer payload = message.payload();
    ByteBuf properties =
        format == PublishFormat.MQTT_3_1_1
            ? Unpooled.EMPTY_BUFFER
            : properties(partition, offset, message, format, nowMillis, trace, gap);
    int propertiesBytes = properties.readableBytes();
    int bodyBytes =
        Short.BYTES
            + ByteBufUtil.utf8Bytes(address)
            + (qos == 0 ? 0 : Short.BYTES)
            + (format == PublishFormat.MQTT_3_1_1
                ? 0
                : variableByteIntegerBytes(propertiesBytes) + propertiesBytes)
            + payload.remaining();
    int packetBytes = 1 + variableByteIntegerBytes(bodyBytes) + bodyBytes;

    ByteBuf packet = Unpooled.buffer(packetBytes, packetBytes);
    packet.writeByte(PUBLISH | (qos == 0 ? 0 : QOS_1));
    writeVariableByteInteger(packet, bodyBytes);
    writeString(packet, address);
    int packetIdIndex = qos == 0 ? -1 : packet.writerIndex();
    if (qos > 0) {
      packet.writeShort(0);
    }
    if (format != PublishFormat.MQTT_3_1_1) {
      writeVariableByteInteger(packet, propertiesBytes);
      packet.writeBytes(properties);
    }
    packet.writeBytes(payload);
    return new PublishFrame(packet.array(), packetIdIndex);
  }

  /** Length of the packet in bytes. */
  int length() {
    return bytes.length;
  }

  /** Appends the packet to {@code out}; at QoS 0 without identifier and DUP flag. */
  void writeTo(ByteBuf out, int packetId, boolean duplicate) {
    int start = out.writerIndex();
    out.writeBytes(bytes);
    if (packetIdIndex >= 0) {
      out.setShort(start + packetIdIndex, packetId);
      if (duplicate) {
        out.setByte(start, bytes[0] | DUP);
      }
    }
  }

  /**
   * The remaining Message Expiry Interval in seconds, rounded up (MQTT 5, 3.3.2.3.3). 0 exactly if
   * the message is expired.
   */
  static long expirySeconds(long expiresAtMillis, long nowMillis) {
    long leftMillis = Math.max(0, expiresAtMillis - nowMillis);
    return Math.min(Math.ceilDiv(leftMillis, 1000L), EXPIRY_SECONDS_MAX);
  }

  private static ByteBuf properties(
      int partition,
      long offset,
      MessageView message,
      PublishFormat format,
      long nowMillis,
      @Nullable TraceContext trace,
      @Nullable String gap) {
    if (!message.hasProperties()
        && format == PublishFormat.MQTT_5
        && trace == null
        && gap == null) {
      return Unpooled.EMPTY_BUFFER;
    }
    ByteBuf out = Unpooled.buffer(PROPERTIES_BYTES_GUESSED);
    if (message.isUtf8Payload()) {
      out.writeByte(PAYLOAD_FORMAT_INDICATOR).writeByte(1);
    }
    if (message.expiresAtMillis() != MessageView.NEVER) {
      long leftSeconds = expirySeconds(message.expiresAtMillis(), nowMillis);
      out.writeByte(MESSAGE_EXPIRY_INTERVAL).writeInt((int) leftSeconds);
    }
    writeOptional(out, CONTENT_TYPE, message.contentType());
    writeOptional(out, RESPONSE_TOPIC, message.responseTopic());
    ByteBuffer correlationData = message.correlationData();
    if (correlationData != null) {
      out.writeByte(CORRELATION_DATA).writeShort(correlationData.remaining());
      out.writeBytes(correlationData);
    }
    for (UserProperty property : message.userProperties()) {
      if (trace == null || !TraceContext.isField(property.getName())) {
        writeUserProperty(out, property.getName(), property.getValue());
      }
    }
    if (trace != null) {
      writeUserProperty(out, TraceContext.TRACEPARENT, trace.traceparent());
      if (trace.tracestate() != null) {
        writeUserProperty(out, TraceContext.TRACESTATE, trace.tracestate());
      }
    }
    if (format == PublishFormat.MQTT_5_WITH_POSITION) {
      writeUserProperty(out, PublishFormat.POSITION, partition + ":" + offset);
    }
    if (gap != null) {
      writeUserProperty(out, PublishFormat.GAP, gap);
    }
    return out;
  }

  private static void writeUserProperty(ByteBuf out, String name, String value) {
    out.writeByte(USER_PROPERTY);
    writeString(out, name);
    writeString(out, value);
  }

  private static void writeOptional(ByteBuf out, int identifier, @Nullable String value) {
    if (value != null) {
      out.writeByte(identifier);
      writeString(out, value);
    }
  }

  /** Reserves exactly the bytes that it writes: the packet's buffer cannot hold any more. */
  private static void writeString(ByteBuf out, String value) {
    int bytes = ByteBufUtil.utf8Bytes(value);
    out.writeShort(bytes);
    ByteBufUtil.reserveAndWriteUtf8(out, value, bytes);
  }

  private static void writeVariableByteInteger(ByteBuf out, int value) {
    int rest = value;
    do {
      int digit = rest & 0x7f;
      rest >>>= 7;
      out.writeByte(rest > 0 ? digit | 0x80 : digit);
    } while (rest > 0);
  }

  private static int variableByteIntegerBytes(int value) {
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
  }
}
