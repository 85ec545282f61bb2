// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import org.jspecify.annotations.Nullable;

/**
 * Builds the packets that the connector sends, apart from PUBLISH, PINGRESP and the PUBACK that
 * accepts a message.
 */
final class Replies {

  /** Bytes of a CONNACK, DISCONNECT or PUBACK apart from its properties, at most. */
  private static final int OVERHEAD_BYTES = 13;

  /** Bytes of a string property apart from its text: identifier and length. */
  private static final int PROPERTY_OVERHEAD_BYTES = 3;

  private Replies() {}

  /** CONNACK of a session that is live (3.2). */
  static MqttMessage connAck(boolean sessionPresent, MqttProperties properties) {
    return connAck(MqttConnectReturnCode.CONNECTION_ACCEPTED, sessionPresent, properties);
  }

  /**
   * CONNACK that refuses (3.2); null when an MQTT 3.1.1 client has to be refused by closing the
   * socket, because no return code of MQTT 3.1.1 fits.
   *
   * @param serverReference the Server Reference (MQTT 5, 4.11); null: none
   * @param packetBytesMax the client's Maximum Packet Size, bytes
   */
  static @Nullable MqttMessage refuseConnect(
      ReasonCode code,
      String text,
      @Nullable String serverReference,
      boolean mqtt5,
      int packetBytesMax) {
    if (mqtt5) {
      return connAck(
          MqttConnectReturnCode.valueOf((byte) code.value()),
          false,
          texts(text, serverReference, packetBytesMax));
    }
    return code.connectReturnCode() < 0
        ? null
        : connAck(
            MqttConnectReturnCode.valueOf((byte) code.connectReturnCode()),
            false,
            MqttProperties.NO_PROPERTIES);
  }

  /** DISCONNECT of MQTT 5 (3.14); {@code serverReference} as in {@link #refuseConnect}. */
  static MqttMessage disconnect(
      ReasonCode code, String text, @Nullable String serverReference, int packetBytesMax) {
    return new MqttMessage(
        header(MqttMessageType.DISCONNECT),
        new MqttReasonCodeAndPropertiesVariableHeader(
            (byte) code.value(), texts(text, serverReference, packetBytesMax)));
  }

  /**
   * PUBACK of MQTT 5 that refuses a message (3.4).
   *
   * @param text the Reason String; null when the client accepts none in a PUBACK (3.1.2.11.7)
   */
  static MqttMessage refusePublish(
      int packetId, ReasonCode code, @Nullable String text, int packetBytesMax) {
    return new MqttPubAckMessage(
        header(MqttMessageType.PUBACK),
        new MqttPubReplyMessageVariableHeader(
            packetId,
            (byte) code.value(),
            text == null ? MqttProperties.NO_PROPERTIES : texts(text, null, packetBytesMax)));
  }

  /** SUBACK (3.9) with one code for each filter. */
  static MqttMessage subAck(int packetId, int[] codes) {
    return new MqttSubAckMessage(
        header(MqttMessageType.SUBACK), noProperties(packetId), new MqttSubAckPayload(codes));
  }

  /** UNSUBACK (3.11) with one code for each filter; MQTT 3.1.1 clients get no codes. */
  static MqttMessage unsubAck(int packetId, short[] codes) {
    return new MqttUnsubAckMessage(
        header(MqttMessageType.UNSUBACK), noProperties(packetId), new MqttUnsubAckPayload(codes));
  }

  private static MqttMessage connAck(
      MqttConnectReturnCode code, boolean sessionPresent, MqttProperties properties) {
    return new MqttConnAckMessage(
        header(MqttMessageType.CONNACK),
        new MqttConnAckVariableHeader(code, sessionPresent, properties));
  }

  /**
   * Server Reference and Reason String. Each is left out where it would make the packet larger than
   * the client's Maximum Packet Size (3.1.2.11.4).
   */
  private static MqttProperties texts(
      String reason, @Nullable String serverReference, int packetBytesMax) {
    MqttProperties properties = new MqttProperties();
    int room = packetBytesMax - OVERHEAD_BYTES;
    if (serverReference != null) {
      room = add(properties, MqttProperties.SERVER_REFERENCE, serverReference, room);
    }
    add(properties, MqttProperties.REASON_STRING, reason, room);
    return properties;
  }

  private static int add(MqttProperties properties, int identifier, String text, int room) {
    int bytes = ByteBufUtil.utf8Bytes(text) + PROPERTY_OVERHEAD_BYTES;
    if (bytes > room) {
      return room;
    }
    properties.add(new MqttProperties.StringProperty(identifier, text));
    return room - bytes;
  }

  private static MqttMessageIdAndPropertiesVariableHeader noProperties(int packetId) {
    return new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES);
  }

  private static MqttFixedHeader header(MqttMessageType type) {
    return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
  }
}
