// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;

/** Why a connection ended, in one line. */
final class Causes {

  private Causes() {}

  static String of(MqttClientDisconnectedContext context) {
    Throwable cause = context.getCause();
    return context.getSource() + ": " + cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }
}
