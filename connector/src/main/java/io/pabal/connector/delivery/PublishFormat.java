// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

/** The format of the PUBLISH packets that are sent to a client. */
public enum PublishFormat {
  /** MQTT 3.1.1: no properties. */
  MQTT_3_1_1(0),
  /** MQTT 5. */
  MQTT_5(1),
  /**
   * MQTT 5 with a user property {@value #POSITION} that gives the message's position in {@code
   * messages}, {@code <partition>:<offset>}. The position identifies the message: a client that
   * remembers the last position of each address can drop messages that it receives twice.
   */
  MQTT_5_WITH_POSITION(2);

  /** The name of the user property with the message's position. */
  public static final String POSITION = "pabal-position";

  /** The name of the user property with the positions of messages that are gone. */
  public static final String GAP = "pabal-gap";

  static final int COUNT = 3;

  /** 0 to {@link #COUNT} - 1. */
  final int index;

  PublishFormat(int index) {
    this.index = index;
  }
}
