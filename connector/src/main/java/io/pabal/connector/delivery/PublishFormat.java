// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

/** How a client wants the PUBLISH packets that it is sent. */
public enum PublishFormat {
  /** MQTT 3.1.1: no properties. */
  MQTT_3_1_1(0),
  /** MQTT 5. */
  MQTT_5(1),
  /**
   * MQTT 5 with a user property {@value #POSITION} that says where in {@code messages} the message
   * stands, as {@code <partition>:<offset>}. It is the message's identity: a client that remembers
   * the last one of each address can drop what it gets twice.
   */
  MQTT_5_WITH_POSITION(2);

  /** The name of the user property. */
  public static final String POSITION = "pabal-position";

  /** The name of the user property that tells of messages that are gone. */
  public static final String GAP = "pabal-gap";

  static final int COUNT = 3;

  /** 0 to {@link #COUNT} - 1. */
  final int index;

  PublishFormat(int index) {
    this.index = index;
  }
}
