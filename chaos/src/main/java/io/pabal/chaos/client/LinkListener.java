// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import org.jspecify.annotations.Nullable;

/** Receives a link's events. Called on the MQTT client's threads, in the order of the packets. */
interface LinkListener {

  /** A CONNACK arrived. */
  void connected(boolean sessionPresent);

  /**
   * A PUBLISH arrived.
   *
   * @param position null: the PUBLISH contains no position
   * @param acknowledge sends the PUBACK
   */
  void arrived(
      String address, Packet packet, @Nullable MessagePosition position, Runnable acknowledge);

  /** The connection ended, or could not be opened. */
  void disconnected(String cause);
}
