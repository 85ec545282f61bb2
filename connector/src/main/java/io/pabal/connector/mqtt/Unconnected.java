// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import java.util.LinkedHashSet;

/**
 * The connections of one event loop that have not sent CONNECT yet, oldest first. When there are
 * too many, the oldest one goes: a client sends CONNECT as soon as it is connected, so the oldest
 * is the least likely to be one. On the event loop only.
 */
final class Unconnected {

  private final LinkedHashSet<MqttConnection> connections = new LinkedHashSet<>();
  private final int max;

  /** At most {@code max} connections, at least 1. */
  Unconnected(int max) {
    this.max = max;
  }

  /** Adds a connection that was accepted. */
  void add(MqttConnection connection) {
    connections.add(connection);
    if (connections.size() > max) {
      connections.getFirst().closeUnconnected(max);
    }
  }

  /** The connection has sent CONNECT, or is closed. */
  void remove(MqttConnection connection) {
    connections.remove(connection);
  }

  int size() {
    return connections.size();
  }
}
