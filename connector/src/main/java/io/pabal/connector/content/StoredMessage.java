// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.content;

import io.pabal.schemas.MessageView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a message that is stored in {@code messages} can be sent as a valid PUBLISH (MQTT 5,
 * 3.3). Every message that a connector of this release appends can. A message that an earlier
 * release or another producer appended may be invalid; then no client gets it.
 *
 * <p>A check costs one comparison for a message without MQTT 5 properties, otherwise one pass over
 * the bytes of the properties, and one over the payload when it is marked as UTF-8.
 */
public final class StoredMessage {

  private static final int QOS_MAX = 2;
  private static final String NOT_A_STRING =
      " is no string of MQTT (too long, not UTF-8, or with a forbidden character)";

  private StoredMessage() {}

  /** Why no client can be sent {@code message}, for logs and events; null when clients can. */
  public static @Nullable String whyUnsendable(MessageView message) {
    if (message.qos() < 0 || message.qos() > QOS_MAX) {
      return "qos " + message.qos() + " (expected: 0 to 2)";
    }
    return message.hasProperties() ? whyUnsendableProperties(message) : null;
  }

  /** Whether {@code address} is a topic name of MQTT (4.7.3), so that its messages can be sent. */
  public static boolean isTopicName(String address) {
    return !address.isEmpty()
        && address.indexOf('+') < 0
        && address.indexOf('#') < 0
        && MqttString.isValid(address);
  }

  private static @Nullable String whyUnsendableProperties(MessageView message) {
    ByteBuffer contentType = message.contentTypeUtf8();
    if (contentType != null && !MqttString.isValid(contentType)) {
      return "contentType" + NOT_A_STRING;
    }
    ByteBuffer responseTopic = message.responseTopicUtf8();
    if (responseTopic != null && !isTopicName(responseTopic)) {
      return "responseTopic is no topic name of MQTT";
    }
    ByteBuffer correlationData = message.correlationData();
    if (correlationData != null && correlationData.remaining() > MqttString.BYTES_MAX) {
      return "correlationData of %d bytes (expected: at most %d)"
          .formatted(correlationData.remaining(), MqttString.BYTES_MAX);
    }
    if (!message.allUserPropertyTexts(MqttString::isValid)) {
      return "userProperties: a name or value" + NOT_A_STRING;
    }
    return message.isUtf8Payload() && !MqttString.isUtf8(message.payload())
        ? "payload is not UTF-8, which utf8Payload says"
        : null;
  }

  private static boolean isTopicName(ByteBuffer utf8) {
    for (int i = utf8.position(); i < utf8.limit(); i++) {
      if (utf8.get(i) == '+' || utf8.get(i) == '#') {
        return false;
      }
    }
    return utf8.hasRemaining() && MqttString.isValid(utf8);
  }
}
