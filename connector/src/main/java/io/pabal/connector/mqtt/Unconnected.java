// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import java.util.LinkedHashSet;

/**
 * The connections of one event loop that have not sent CONNECT yet, oldest first. When there are
 * too many, the oldest one is closed: an MQTT client sends CONNECT as soon as it is connected, so
 * the oldest connection is the least likely to be one of an MQTT client. Used on the event loop
 * only.
 */
final class Unconnected {

  private final LinkedHashSet<MqttConnection> connections = new LinkedHashSet<>();
  private final int max;

  /** Keeps at most {@code max} connections, which is at least 1. */
  Unconnected(int max) {
    this.max = max;
  }

  /** Adds a connection that was accepted; closes the oldest one when there are too many. */
  void add(MqttConnection connection) {
    connections.add(connection);
    if (connections.size() > max) {
      connections.getFirst().closeUnconnected(max);
    }
  }

  /** Removes a connection that has sent CONNECT or is closed. */
  void remove(MqttConnection connection) {
    connections.remove(connection);
  }

  int size() {
    return connections.size();
  }
}
