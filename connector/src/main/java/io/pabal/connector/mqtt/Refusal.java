// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

/**
 * Ends a connection for something the client did: the reason code, and the text that the client
 * sees as reason string and the operator in the log. Thrown by packet handlers, caught by {@link
 * MqttConnection}; carries no stack trace, since it tells of the client and not of this program.
 */
final class Refusal extends RuntimeException {

  private final ReasonCode code;
  private final String text;

  Refusal(ReasonCode code, String text) {
    super(text, null, false, false);
    this.code = code;
    this.text = text;
  }

  ReasonCode code() {
    return code;
  }

  String text() {
    return text;
  }
}
