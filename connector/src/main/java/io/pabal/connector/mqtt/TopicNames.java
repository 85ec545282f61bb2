// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.connector.content.MqttString;
import org.jspecify.annotations.Nullable;

/** Checks topic names and topic filters (MQTT 5 and 3.1.1, 4.7). */
final class TopicNames {

  private static final String SHARED_PREFIX = "$share/";

  private TopicNames() {}

  /**
   * Why a client may not publish to {@code name}; null when it may.
   *
   * @param bytesMax the longest topic name, UTF-8 bytes
   */
  static @Nullable String whyInvalidName(String name, int bytesMax) {
    if (name.isEmpty()) {
      return "empty topic name";
    }
    if (name.indexOf('+') >= 0 || name.indexOf('#') >= 0) {
      return "topic name with a wildcard";
    }
    if (name.startsWith("$")) {
      return "topic names that begin with $ belong to the server (4.7.2)";
    }
    return whyInvalidText(name, bytesMax);
  }

  /**
   * The reason code that refuses a subscription to {@code filter}; null when the filter is valid.
   *
   * @param bytesMax the longest topic filter, UTF-8 bytes
   */
  static @Nullable ReasonCode refusedFilter(String filter, int bytesMax) {
    if (filter.isEmpty() || whyInvalidText(filter, bytesMax) != null) {
      return ReasonCode.TOPIC_FILTER_INVALID;
    }
    if (filter.startsWith(SHARED_PREFIX)) {
      return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
    }
    if (filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0) {
      return ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED;
    }
    return filter.startsWith("$") ? ReasonCode.NOT_AUTHORIZED : null;
  }

  private static @Nullable String whyInvalidText(String text, int bytesMax) {
    int bytes = MqttString.utf8Bytes(text);
    if (bytes == MqttString.FORBIDDEN) {
      return "topic with " + MqttString.firstForbidden(text) + " (1.5.4)";
    }
    return bytes > bytesMax ? "topic longer than " + bytesMax + " bytes" : null;
  }
}
