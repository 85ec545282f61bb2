// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.session.Session;
import io.pabal.schemas.Message;
import io.pabal.schemas.UserProperty;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * PUBLISH from a client (MQTT 5 and 3.1.1, 3.3): checks it and appends it to the messages topic.
 */
final class PublishHandler {

  private PublishHandler() {}

  static void publish(MqttConnection connection, Session session, MqttPublishMessage packet) {
    MqttQoS qos = packet.fixedHeader().qosLevel();
    String topic = packet.variableHeader().topicName();
    check(connection, packet, topic);
    if (qos == MqttQoS.AT_LEAST_ONCE
        && connection.acks().size() >= connection.services().limits().receiveMax()) {
      // An MQTT 3.1.1 client is held back before it comes to this.
      throw new Refusal(
          ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
          "more than "
              + connection.services().limits().receiveMax()
              + " publishes are not acknowledged yet");
    }
    Message message = message(session, packet, topic);
    boolean acknowledged = qos == MqttQoS.AT_LEAST_ONCE;
    boolean taken =
        connection
            .services()
            .ingress()
            .append(
                message,
                packet.variableHeader().packetId(),
                acknowledged ? connection.acks() : null);
    if (!taken) {
      throw new Refusal(
          ReasonCode.PACKET_TOO_LARGE,
          "PUBLISH: the message exceeds " + Ingress.MESSAGE_BYTES_MAX + " bytes as it is stored");
    }
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
    String invalid = Topics.whyInvalidName(topic, connection.services().limits().addressBytesMax());
    if (invalid != null) {
      throw new Refusal(ReasonCode.TOPIC_NAME_INVALID, "PUBLISH: " + invalid);
    }
  }

  private static Message message(Session session, MqttPublishMessage packet, String topic) {
    MqttProperties properties = packet.variableHeader().properties();
    // Avro's milliseconds; truncated here so that what is encoded is what is kept.
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Long expirySeconds =
        Properties.unsignedInt(properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL);
    Long utf8 = Properties.unsignedInt(properties, MqttProperties.PAYLOAD_FORMAT_INDICATOR);
    byte[] correlationData = Properties.bytes(properties, MqttProperties.CORRELATION_DATA);
    return Message.newBuilder()
        .setAddress(topic)
        .setSender(session.profile().user())
        .setClientId(session.clientId())
        .setPublishedAt(now)
        .setQos(packet.fixedHeader().qosLevel().value())
        .setPayload(ByteBuffer.wrap(ByteBufUtil.getBytes(packet.payload())))
        .setUtf8Payload(utf8 != null && utf8 == 1)
        .setContentType(Properties.string(properties, MqttProperties.CONTENT_TYPE))
        .setResponseTopic(Properties.string(properties, MqttProperties.RESPONSE_TOPIC))
        .setCorrelationData(correlationData == null ? null : ByteBuffer.wrap(correlationData))
        .setExpiresAt(expirySeconds == null ? null : now.plusSeconds(expirySeconds))
        .setUserProperties(userProperties(properties))
        .build();
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
