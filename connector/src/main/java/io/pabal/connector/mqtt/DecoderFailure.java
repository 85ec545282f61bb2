// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;

/** Turns a packet that the codec could not decode into a {@link Refusal}. */
final class DecoderFailure {

  private DecoderFailure() {}

  /** Throws a {@link Refusal} when the codec could not decode the packet. */
  static void refuseIfAny(MqttMessage message) {
    if (message.decoderResult().isSuccess()) {
      return;
    }
    Throwable cause = message.decoderResult().cause();
    throw switch (cause) {
      case TooLongFrameException e ->
          new Refusal(ReasonCode.PACKET_TOO_LARGE, "the packet exceeds the Maximum Packet Size");
      case MqttUnacceptableProtocolVersionException e ->
          new Refusal(
              ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
              "protocol not supported (expected: MQTT 5 or 3.1.1)");
      default ->
          new Refusal(ReasonCode.MALFORMED_PACKET, "malformed packet: " + cause.getMessage());
    };
  }
}
