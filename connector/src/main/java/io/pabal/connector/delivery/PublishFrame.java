// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.pabal.connector.tracing.TraceContext;
import io.pabal.schemas.Message;
import io.pabal.schemas.UserProperty;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One PUBLISH packet, encoded once for all its receivers (MQTT 5 and 3.1.1, 3.3): only the packet
 * identifier and the DUP flag are filled in for each. Immutable.
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

  /** The packet with packet identifier 0. */
  private final byte[] bytes;

  /** Where the identifier stands; -1 at QoS 0. */
  private final int packetIdIndex;

  private PublishFrame(byte[] bytes, int packetIdIndex) {
    this.bytes = bytes;
    this.packetIdIndex = packetIdIndex;
  }

  /**
   * Encodes {@code message}; {@code nowMillis} decides what is left of its expiry interval.
   *
   * @param trace what an MQTT 5 client is told instead of the publisher's own trace context
   * @param gap what an MQTT 5 client is told about messages that are gone
   */
  static PublishFrame encode(
      Address address,
      long offset,
      Message message,
      int qos,
      PublishFormat format,
      long nowMillis,
      @Nullable TraceContext trace,
      @Nullable String gap) {
    String topic = address.name();
    ByteBuf body = Unpooled.buffer(64 + topic.length() + message.getPayload().remaining());
    writeString(body, topic);
    int packetIdInBody = qos == 0 ? -1 : body.writerIndex();
    if (qos > 0) {
      body.writeShort(0);
    }
    if (format != PublishFormat.MQTT_3_1_1) {
      ByteBuf properties = properties(message, nowMillis, trace);
      if (format == PublishFormat.MQTT_5_WITH_POSITION) {
        writeUserProperty(properties, PublishFormat.POSITION, address.partition() + ":" + offset);
      }
      if (gap != null) {
        writeUserProperty(properties, PublishFormat.GAP, gap);
      }
      writeVariableByteInteger(body, properties.readableBytes());
      body.writeBytes(properties);
    }
    body.writeBytes(message.getPayload().duplicate());

    ByteBuf packet = Unpooled.buffer(5 + body.readableBytes());
    packet.writeByte(PUBLISH | (qos == 0 ? 0 : QOS_1));
    writeVariableByteInteger(packet, body.readableBytes());
    int headerBytes = packet.writerIndex();
    packet.writeBytes(body);
    return new PublishFrame(
        ByteBufUtil.getBytes(packet), qos == 0 ? -1 : headerBytes + packetIdInBody);
  }

  /** Bytes of the packet. */
  int length() {
    return bytes.length;
  }

  /** Appends the packet to {@code out}. */
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

  private static ByteBuf properties(Message message, long nowMillis, @Nullable TraceContext trace) {
    ByteBuf out = Unpooled.buffer(32);
    if (message.getUtf8Payload()) {
      out.writeByte(PAYLOAD_FORMAT_INDICATOR).writeByte(1);
    }
    Instant expiresAt = message.getExpiresAt();
    if (expiresAt != null) {
      long leftMillis = Math.max(0, expiresAt.toEpochMilli() - nowMillis);
      out.writeByte(MESSAGE_EXPIRY_INTERVAL).writeInt((int) Math.ceilDiv(leftMillis, 1000L));
    }
    writeOptional(out, CONTENT_TYPE, message.getContentType());
    writeOptional(out, RESPONSE_TOPIC, message.getResponseTopic());
    ByteBuffer correlationData = message.getCorrelationData();
    if (correlationData != null) {
      out.writeByte(CORRELATION_DATA).writeShort(correlationData.remaining());
      out.writeBytes(correlationData.duplicate());
    }
    for (UserProperty property : message.getUserProperties()) {
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

  private static void writeString(ByteBuf out, String value) {
    int length = out.writerIndex();
    out.writeShort(0);
    out.setShort(length, ByteBufUtil.writeUtf8(out, value));
  }

  private static void writeVariableByteInteger(ByteBuf out, int value) {
    int rest = value;
    do {
      int digit = rest & 0x7f;
      rest >>>= 7;
      out.writeByte(rest > 0 ? digit | 0x80 : digit);
    } while (rest > 0);
  }
}
