// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.handler.codec.mqtt.MqttProperties;
import org.jspecify.annotations.Nullable;

/** Reads MQTT 5 properties (2.2.2); every method returns null when the property is absent. */
final class PropertyReader {

  private PropertyReader() {}

  /** A Byte, Two Byte, Four Byte or Variable Byte Integer. */
  static @Nullable Long unsignedInt(MqttProperties properties, int identifier) {
    return properties.getProperty(identifier) instanceof MqttProperties.IntegerProperty property
        ? Integer.toUnsignedLong(property.value())
        : null;
  }

  /** A UTF-8 Encoded String. */
  static @Nullable String string(MqttProperties properties, int identifier) {
    return properties.getProperty(identifier) instanceof MqttProperties.StringProperty property
        ? property.value()
        : null;
  }

  /** Binary Data. */
  static byte @Nullable [] bytes(MqttProperties properties, int identifier) {
    return properties.getProperty(identifier) instanceof MqttProperties.BinaryProperty property
        ? property.value()
        : null;
  }

  /** The value of the first User Property of this name. */
  static @Nullable String user(MqttProperties properties, String name) {
    return properties.getProperty(MqttProperties.USER_PROPERTY)
            instanceof MqttProperties.UserProperties all
        ? all.value().stream()
            .filter(each -> each.key.equals(name))
            .map(each -> each.value)
            .findFirst()
            .orElse(null)
        : null;
  }
}
