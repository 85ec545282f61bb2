// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

/** The versions of MQTT that the client speaks. */
public enum Protocol {
  /** MQTT 3.1.1. */
  MQTT_3(4),
  /** MQTT 5. */
  MQTT_5(5);

  final int level;

  Protocol(int level) {
    this.level = level;
  }

  boolean hasProperties() {
    return this == MQTT_5;
  }
}
