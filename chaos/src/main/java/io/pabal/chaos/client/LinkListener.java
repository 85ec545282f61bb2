// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import org.jspecify.annotations.Nullable;

/** What a link hears. Called on the MQTT client's threads, in the order of the packets. */
interface LinkListener {

  /** CONNACK came. */
  void connected(boolean sessionPresent);

  /** PUBLISH came; {@code acknowledge} sends the PUBACK. */
  void arrived(
      String address, Packet packet, @Nullable MessagePosition position, Runnable acknowledge);

  /** The connection ended, or was never made. */
  void disconnected(String cause);
}
