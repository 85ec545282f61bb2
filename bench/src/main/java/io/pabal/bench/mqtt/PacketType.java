// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

/** The types of packets that occur (MQTT 5, 2.1.2). */
final class PacketType {

  static final int CONNECT = 1;
  static final int CONNACK = 2;
  static final int PUBLISH = 3;
  static final int PUBACK = 4;
  static final int SUBSCRIBE = 8;
  static final int SUBACK = 9;
  static final int PINGREQ = 12;
  static final int PINGRESP = 13;
  static final int DISCONNECT = 14;

  private PacketType() {}
}
