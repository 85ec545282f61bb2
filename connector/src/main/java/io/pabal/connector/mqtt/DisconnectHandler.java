// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.pabal.connector.session.EndReason;
import io.pabal.connector.session.Session;

/** DISCONNECT from a client (MQTT 5 and 3.1.1, 3.14). Called on the channel's event loop only. */
final class DisconnectHandler {

  private DisconnectHandler() {}

  static void disconnect(MqttConnection connection, Session session, MqttMessage message) {
    if (message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
      Long expirySeconds =
          PropertyReader.unsignedInt(header.properties(), MqttProperties.SESSION_EXPIRY_INTERVAL);
      if (expirySeconds != null) {
        if (!session.profile().isPersistent() && expirySeconds > 0) {
          throw new Refusal(
              ReasonCode.PROTOCOL_ERROR,
              "Session Expiry Interval was 0 at CONNECT and cannot be raised at DISCONNECT (3.14.2.2.2)");
        }
        long max = connection.services().limits().sessionExpiryMax().toSeconds();
        session.expirySeconds(Math.min(expirySeconds, max));
      }
    }
    connection.end(EndReason.CLIENT);
  }
}
