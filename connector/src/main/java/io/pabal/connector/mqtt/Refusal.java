// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

/**
 * Ends a connection because of something that the client did. Carries the reason code, and the text
 * that the client gets as Reason String and the operator reads in the log. Thrown by packet
 * handlers, caught by {@link MqttConnection}. Has no stack trace, because its cause is the client
 * and not this program.
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
