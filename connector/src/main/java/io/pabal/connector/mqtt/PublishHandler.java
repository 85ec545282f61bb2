// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.pabal.connector.ingress.AckQueue;
import io.pabal.connector.ingress.AppendRefusedException;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionProfile;
import io.pabal.schemas.Message;
import io.pabal.schemas.UserProperty;
import io.pabal.schemas.clock.BrokerTime;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PUBLISH from a client (MQTT 5 and 3.1.1, 3.3): checks it and appends it to the messages topic.
 * Called on the channel's event loop only.
 */
final class PublishHandler {

  private PublishHandler() {}

  static void publish(MqttConnection connection, Session session, MqttPublishMessage packet) {
    MqttQoS qos = packet.fixedHeader().qosLevel();
    String topic = packet.variableHeader().topicName();
    check(connection, packet, topic);
    if (qos == MqttQoS.AT_LEAST_ONCE
        && connection.acks().size() >= connection.services().limits().receiveMax()) {
      // Only MQTT 5 clients get here: reading from an MQTT 3.1.1 client is paused before.
      throw new Refusal(
          ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
          "more than "
              + connection.services().limits().receiveMax()
              + " publishes are not acknowledged yet");
    }
    AppendRefusedException refusal =
        append(connection.services().ingress(), session.profile(), packet, connection.acks());
    if (refusal == null) {
      return;
    }
    if (qos == MqttQoS.AT_LEAST_ONCE && connection.outlivesRefusal()) {
      connection.acks().refuse(packet.variableHeader().packetId(), refusal);
    } else {
      throw new Refusal(ReasonCode.PACKET_TOO_LARGE, "PUBLISH: " + refusal.getMessage());
    }
  }

  /** Appends the message of {@code packet}; returns what {@link Ingress#append} returns. */
  static @Nullable AppendRefusedException append(
      Ingress ingress, SessionProfile publisher, MqttPublishMessage packet, AckQueue acks) {
    int packetId =
        packet.fixedHeader().qosLevel() == MqttQoS.AT_MOST_ONCE
            ? 0
            : packet.variableHeader().packetId();
    return ingress.append(message(publisher, packet), packetId, acks);
  }

  private static void check(MqttConnection connection, MqttPublishMessage packet, String topic) {
    if (packet.fixedHeader().qosLevel() == MqttQoS.EXACTLY_ONCE) {
      throw new Refusal(ReasonCode.QOS_NOT_SUPPORTED, "PUBLISH at QoS 2 (Maximum QoS is 1)");
    }
    if (packet.fixedHeader().isRetain()) {
      throw new Refusal(
          ReasonCode.RETAIN_NOT_SUPPORTED,
          "PUBLISH with RETAIN (retained messages are not available)");
    }
    MqttProperties properties = packet.variableHeader().properties();
    if (properties.getProperty(MqttProperties.TOPIC_ALIAS) != null) {
      throw new Refusal(
          ReasonCode.TOPIC_ALIAS_INVALID, "PUBLISH with a topic alias (Topic Alias Maximum is 0)");
    }
    if (properties.getProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER) != null) {
      throw new Refusal(
          ReasonCode.PROTOCOL_ERROR,
          "PUBLISH from a client with a subscription identifier (3.3.4)");
    }
    ApplicationMessages.check(
        "PUBLISH",
        topic,
        properties,
        packet.payload(),
        connection.services().limits().addressBytesMax());
  }

  private static Message message(SessionProfile publisher, MqttPublishMessage packet) {
    MqttProperties properties = packet.variableHeader().properties();
    long nowMillis = BrokerTime.millis();
    Long expirySeconds =
        PropertyReader.unsignedInt(properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL);
    Long utf8 = PropertyReader.unsignedInt(properties, MqttProperties.PAYLOAD_FORMAT_INDICATOR);
    byte[] correlationData = PropertyReader.bytes(properties, MqttProperties.CORRELATION_DATA);
    Message message = new Message();
    message.setAddress(packet.variableHeader().topicName());
    message.setSender(publisher.user());
    message.setClientId(publisher.clientId());
    message.setPublishedAt(Instant.ofEpochMilli(nowMillis));
    message.setQos(packet.fixedHeader().qosLevel().value());
    message.setPayload(ByteBuffer.wrap(ByteBufUtil.getBytes(packet.payload())));
    message.setUtf8Payload(utf8 != null && utf8 == 1);
    message.setContentType(PropertyReader.string(properties, MqttProperties.CONTENT_TYPE));
    message.setResponseTopic(PropertyReader.string(properties, MqttProperties.RESPONSE_TOPIC));
    message.setCorrelationData(correlationData == null ? null : ByteBuffer.wrap(correlationData));
    message.setExpiresAt(
        expirySeconds == null ? null : Instant.ofEpochMilli(nowMillis + 1_000 * expirySeconds));
    message.setUserProperties(userProperties(properties));
    return message;
  }

  private static List<UserProperty> userProperties(MqttProperties properties) {
    var given = properties.getProperties(MqttProperties.USER_PROPERTY);
    if (given.isEmpty()) {
      return List.of();
    }
    List<UserProperty> kept = new ArrayList<>();
    for (MqttProperties.MqttProperty<?> property : given) {
      if (property instanceof MqttProperties.UserProperties several) {
        several.value().forEach(pair -> kept.add(new UserProperty(pair.key, pair.value)));
      } else if (property instanceof MqttProperties.UserProperty one) {
        kept.add(new UserProperty(one.value().key, one.value().value));
      }
    }
    return kept;
  }
}
