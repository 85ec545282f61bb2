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
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import org.jspecify.annotations.Nullable;

/** Builds the packets that the connector answers with, apart from PUBLISH and PUBACK. */
final class Replies {

  /** What a CONNACK or DISCONNECT has around its reason string, at most. */
  private static final int OVERHEAD_BYTES = 16;

  private Replies() {}

  /** CONNACK of a session that is live (3.2). */
  static MqttMessage connAck(boolean sessionPresent, MqttProperties properties) {
    return connAck(MqttConnectReturnCode.CONNECTION_ACCEPTED, sessionPresent, properties);
  }

  /**
   * CONNACK that refuses; null when an MQTT 3.1.1 client has to be refused by closing the socket.
   */
  static @Nullable MqttMessage refuseConnect(
      ReasonCode code, String text, boolean mqtt5, int packetBytesMax) {
    if (mqtt5) {
      return connAck(
          MqttConnectReturnCode.valueOf((byte) code.value()), false, reason(text, packetBytesMax));
    }
    return code.connectReturnCode() < 0
        ? null
        : connAck(
            MqttConnectReturnCode.valueOf((byte) code.connectReturnCode()),
            false,
            MqttProperties.NO_PROPERTIES);
  }

  /** DISCONNECT of MQTT 5 (3.14). */
  static MqttMessage disconnect(ReasonCode code, String text, int packetBytesMax) {
    return new MqttMessage(
        header(MqttMessageType.DISCONNECT),
        new MqttReasonCodeAndPropertiesVariableHeader(
            (byte) code.value(), reason(text, packetBytesMax)));
  }

  /** SUBACK (3.9) with one code for each filter. */
  static MqttMessage subAck(int packetId, int[] codes) {
    return new MqttSubAckMessage(
        header(MqttMessageType.SUBACK), noProperties(packetId), new MqttSubAckPayload(codes));
  }

  /** UNSUBACK (3.11); the codes go to MQTT 5 clients only. */
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
   * The reason string, left out where it would make the packet larger than the client takes
   * (3.1.2.11.4).
   */
  private static MqttProperties reason(String text, int packetBytesMax) {
    if (ByteBufUtil.utf8Bytes(text) + OVERHEAD_BYTES > packetBytesMax) {
      return MqttProperties.NO_PROPERTIES;
    }
    MqttProperties properties = new MqttProperties();
    properties.add(new MqttProperties.StringProperty(MqttProperties.REASON_STRING, text));
    return properties;
  }

  private static MqttMessageIdAndPropertiesVariableHeader noProperties(int packetId) {
    return new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES);
  }

  private static MqttFixedHeader header(MqttMessageType type) {
    return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
  }
}
