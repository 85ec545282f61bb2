// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.pabal.connector.content.MqttString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Checks a message that a client publishes, in a PUBLISH or as its will (MQTT 5, 3.3 and 3.1.3). A
 * message that a subscriber's MQTT library refuses would end the subscriber's connection, and would
 * end each later connection of a kept session again.
 */
final class ApplicationMessages {

  private ApplicationMessages() {}

  /**
   * Throws a {@link Refusal} when the message could not be sent to subscribers. Costs one pass over
   * the topic, and nothing else for a message without properties.
   *
   * @param what names the packet in the text of the refusal
   * @param topicBytesMax the longest topic name, UTF-8 bytes
   */
  static void check(
      String what, String topic, MqttProperties properties, ByteBuf payload, int topicBytesMax) {
    String invalid = TopicNames.whyInvalidName(topic, topicBytesMax);
    if (invalid != null) {
      throw new Refusal(ReasonCode.TOPIC_NAME_INVALID, what + ": " + invalid);
    }
    if (!properties.isEmpty()) {
      checkProperties(what, properties, payload);
    }
  }

  private static void checkProperties(String what, MqttProperties properties, ByteBuf payload) {
    String responseTopic = PropertyReader.string(properties, MqttProperties.RESPONSE_TOPIC);
    checkString(
        what, "Content Type", PropertyReader.string(properties, MqttProperties.CONTENT_TYPE));
    checkString(what, "Response Topic", responseTopic);
    checkResponseTopic(what, responseTopic);
    for (MqttProperties.MqttProperty<?> property :
        properties.getProperties(MqttProperties.USER_PROPERTY)) {
      if (property instanceof MqttProperties.UserProperties several) {
        for (MqttProperties.StringPair pair : several.value()) {
          checkString(what, "User Property", pair.key);
          checkString(what, "User Property", pair.value);
        }
      } else if (property instanceof MqttProperties.UserProperty one) {
        checkString(what, "User Property", one.value().key);
        checkString(what, "User Property", one.value().value);
      }
    }
    Long utf8 = PropertyReader.unsignedInt(properties, MqttProperties.PAYLOAD_FORMAT_INDICATOR);
    if (utf8 != null && utf8 == 1 && !ByteBufUtil.isText(payload, StandardCharsets.UTF_8)) {
      throw new Refusal(
          ReasonCode.PAYLOAD_FORMAT_INVALID,
          what + ": the payload is not UTF-8, which its Payload Format Indicator says (3.3.2.3.2)");
    }
  }

  private static void checkResponseTopic(String what, @Nullable String responseTopic) {
    if (responseTopic != null
        && (responseTopic.isEmpty()
            || responseTopic.indexOf('+') >= 0
            || responseTopic.indexOf('#') >= 0)) {
      throw new Refusal(
          ReasonCode.PROTOCOL_ERROR,
          what + ": the Response Topic is empty or has a wildcard (3.3.2.3.5, 4.7.3)");
    }
  }

  private static void checkString(String what, String field, @Nullable String text) {
    if (text != null && MqttString.utf8Bytes(text) == MqttString.FORBIDDEN) {
      throw new Refusal(
          ReasonCode.MALFORMED_PACKET,
          what + ": " + field + " with " + MqttString.firstForbidden(text) + " (1.5.4)");
    }
  }
}
