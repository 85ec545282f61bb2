// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.fixture.Packet;
import io.pabal.connector.mqtt.Sockets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One network connection of a client, with everything that it received. */
final class Connection {

  /** A delivery at QoS 1, in the order of arrival. */
  static final class Received {
    final String address;
    final long offset;
    final int packetId;
    boolean acknowledged;

    Received(String address, long offset, int packetId) {
      this.address = address;
      this.offset = offset;
      this.packetId = packetId;
    }
  }

  /** A SUBSCRIBE or UNSUBSCRIBE that was not answered yet. */
  record Operation(int number, List<String> addresses, boolean subscribe, int qos) {}

  final SimulatedConnector at;
  final Sockets.Socket socket;
  final boolean clean;
  final boolean persistent;
  final int receiveMax;
  final Map<Integer, Operation> operations = new HashMap<>();
  final List<Received> received = new ArrayList<>();

  /** Per address, what arrived last. */
  final Map<String, Long> last = new HashMap<>();

  /** Per address that the session had when the connection was accepted, its cursor then. */
  final Map<String, Long> cursors = new HashMap<>();

  /** Per address that was subscribed to on this connection, what its connector had seen of it. */
  final Map<String, Long> seenBefore = new HashMap<>();

  boolean stalled;

  /** Whether another CONNECT may have claimed the session behind this connection's back. */
  boolean contested;

  boolean ended;
  int nextPacketId = 1;

  Connection(SimulatedConnector at, boolean clean, boolean persistent, int receiveMax) {
    this.at = at;
    this.socket = at.open();
    this.clean = clean;
    this.persistent = persistent;
    this.receiveMax = receiveMax;
  }

  /** What was received and not acknowledged. */
  List<Received> inFlight() {
    return received.stream().filter(each -> !each.acknowledged).toList();
  }

  /** Notes a PUBLISH at QoS 1. */
  void take(Packet publish, long offset) {
    received.add(new Received(publish.topic(), offset, publish.packetId()));
  }

  /** The subscription is gone; another one of the address begins anew. */
  void unsubscribed(String address) {
    last.remove(address);
    cursors.remove(address);
    seenBefore.remove(address);
  }

  /** Per address, the last offset that was acknowledged together with everything before it. */
  Map<String, Long> acknowledgedWithoutGap() {
    Map<String, Long> cursors = new HashMap<>();
    for (Received each : received) {
      if (!each.acknowledged) {
        break;
      }
      cursors.put(each.address, each.offset);
    }
    return cursors;
  }
}
