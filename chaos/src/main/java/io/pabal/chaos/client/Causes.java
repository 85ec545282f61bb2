// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;

/** Describes in one line why a connection ended. */
final class Causes {

  private Causes() {}

  static String of(MqttClientDisconnectedContext context) {
    Throwable cause = context.getCause();
    return context.getSource()
        + ": "
        + cause.getClass().getSimpleName()
        + ": "
        + cause.getMessage()
        + (cause instanceof Mqtt5MessageException refused ? reason(refused) : "");
  }

  private static String reason(Mqtt5MessageException refused) {
    return switch (refused.getMqttMessage()) {
      case Mqtt5Disconnect disconnect ->
          " %s %s".formatted(disconnect.getReasonCode(), disconnect.getReasonString());
      case Mqtt5ConnAck connAck ->
          " %s %s".formatted(connAck.getReasonCode(), connAck.getReasonString());
      default -> "";
    };
  }
}
