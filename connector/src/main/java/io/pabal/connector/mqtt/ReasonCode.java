// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

/**
 * The MQTT 5 reason codes that the connector uses (2.4), each with the return code that stands for
 * it in a CONNACK of MQTT 3.1.1 (3.2.2.3).
 */
public enum ReasonCode {
  /** Success, normal disconnection, granted QoS 0. */
  SUCCESS(0x00, 0),
  /** UNSUBACK: there was no such subscription. */
  NO_SUBSCRIPTION_EXISTED(0x11, ReasonCode.NONE),
  /** No more specific code fits. */
  UNSPECIFIED_ERROR(0x80, 3),
  /** The packet cannot be parsed. */
  MALFORMED_PACKET(0x81, ReasonCode.NONE),
  /** The packet is not allowed here, or contradicts itself. */
  PROTOCOL_ERROR(0x82, ReasonCode.NONE),
  /** The packet is valid, but this server does not accept it. */
  IMPLEMENTATION_SPECIFIC_ERROR(0x83, 3),
  /** The protocol version is neither MQTT 5 nor 3.1.1. */
  UNSUPPORTED_PROTOCOL_VERSION(0x84, 1),
  /** The client identifier is not allowed. */
  CLIENT_IDENTIFIER_NOT_VALID(0x85, 2),
  /** The client may not do this. */
  NOT_AUTHORIZED(0x87, 5),
  /** The server cannot do its work now. */
  SERVER_UNAVAILABLE(0x88, 3),
  /** The server has too much to do now. */
  SERVER_BUSY(0x89, 3),
  /** The authentication method is not supported. */
  BAD_AUTHENTICATION_METHOD(0x8C, 5),
  /** No packet was received for one and a half times the Keep Alive. */
  KEEP_ALIVE_TIMEOUT(0x8D, ReasonCode.NONE),
  /** Another connection uses the client identifier. */
  SESSION_TAKEN_OVER(0x8E, ReasonCode.NONE),
  /** The topic filter is not allowed. */
  TOPIC_FILTER_INVALID(0x8F, ReasonCode.NONE),
  /** The topic name is not allowed. */
  TOPIC_NAME_INVALID(0x90, 3),
  /** More QoS 1 publishes are unacknowledged than the announced Receive Maximum. */
  RECEIVE_MAXIMUM_EXCEEDED(0x93, ReasonCode.NONE),
  /** A topic alias was used, although Topic Alias Maximum is 0. */
  TOPIC_ALIAS_INVALID(0x94, ReasonCode.NONE),
  /** The packet is larger than the announced Maximum Packet Size. */
  PACKET_TOO_LARGE(0x95, ReasonCode.NONE),
  /**
   * A limit is exceeded: of subscriptions, of held packets, of returning sessions, or of the size
   * of a record.
   */
  QUOTA_EXCEEDED(0x97, 3),
  /** An operator ended the connection. */
  ADMINISTRATIVE_ACTION(0x98, ReasonCode.NONE),
  /** The payload is not what its Payload Format Indicator says. */
  PAYLOAD_FORMAT_INVALID(0x99, ReasonCode.NONE),
  /** Retained messages are not available. */
  RETAIN_NOT_SUPPORTED(0x9A, 3),
  /** A QoS above the announced Maximum QoS. */
  QOS_NOT_SUPPORTED(0x9B, 3),
  /** The server stops for a while; the client should use another server. */
  USE_ANOTHER_SERVER(0x9C, 3),
  /** The server stops for good; the client should use another server from now on. */
  SERVER_MOVED(0x9D, 3),
  /** Shared subscriptions are not available. */
  SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E, ReasonCode.NONE),
  /** Subscription identifiers are not available. */
  SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(0xA1, ReasonCode.NONE),
  /** Wildcard subscriptions are not available. */
  WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(0xA2, ReasonCode.NONE);

  private static final int NONE = -1;

  private final int value;
  private final int connectReturnCode;

  ReasonCode(int value, int connectReturnCode) {
    this.value = value;
    this.connectReturnCode = connectReturnCode;
  }

  /** The byte of the code in MQTT 5, 0-255. */
  public int value() {
    return value;
  }

  /** The return code of an MQTT 3.1.1 CONNACK; -1 when the connection is closed without one. */
  int connectReturnCode() {
    return connectReturnCode;
  }

  /** The code as logs show it, for instance {@code 0x95}. */
  String hex() {
    return "0x%02X".formatted(value);
  }
}
