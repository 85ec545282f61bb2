// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.fixture.Packet;
import io.pabal.connector.mqtt.Sockets;
import io.pabal.schemas.DeliveryHeader.Rewind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

  /** Per address, what is being sent again. */
  private final Map<String, Repeated> repeated = new HashMap<>();

  /** Rewinds of its connector that have led to a repeat here. */
  private final Set<Rewind> used = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * Addresses of which a repeat may have holes, or end early: it has subscribed to them at QoS 0,
   * at which a full socket drops, or unsubscribed from them.
   */
  final Set<String> uncertain = new HashSet<>();

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

  /** The newest of the address that the client has, or is not to get by itself. */
  private long newest(String address) {
    return Math.max(
        last.getOrDefault(address, -1L),
        Math.max(cursors.getOrDefault(address, -1L), seenBefore.getOrDefault(address, -1L)));
  }

  /**
   * Takes a message that is not newer than what the client has as part of a repeat.
   *
   * @return what is wrong with it; null when a rewind explains it
   */
  @Nullable String repeats(String address, long offset, Logs logs) {
    List<Rewind> known = logs.rewinds(at.id, address);
    Repeated going = repeated.get(address);
    if (going != null
        && known.stream().anyMatch(each -> offset <= each.through())
        && (offset == logs.firstFrom(address, going.at + 1)
            || (uncertain.contains(address) && offset > going.at))) {
      going.at = offset;
      return null;
    }
    // Of those that begin here some may have come to nothing: the shortest is the one to be sure
    // of.
    Rewind begun =
        known.stream()
            .filter(each -> logs.firstFrom(address, each.from()) == offset)
            .filter(each -> !used.contains(each))
            .min(Comparator.comparingLong(Rewind::through))
            .orElse(null);
    if (begun != null) {
      used.add(begun);
      repeated.put(address, new Repeated(offset, begun.through()));
      return null;
    }
    return going == null
        ? "nobody has rewound it there"
        : "what is repeated has come to " + going.at + ", and nobody has rewound it there";
  }

  /** A message came that is newer than all; what is wrong with that, or null. */
  @Nullable String goesOn(String address, Logs logs) {
    Repeated over = repeated.remove(address);
    if (over == null || uncertain.contains(address)) {
      return null;
    }
    long missing = logs.firstFrom(address, over.at + 1);
    return missing >= 0 && missing <= Math.min(over.through, newest(address))
        ? "newer than what is repeated, of which " + missing + " is missing"
        : null;
  }

  boolean isNewer(String address, long offset) {
    return offset > newest(address);
  }

  /** A stretch that is sent again. */
  private static final class Repeated {
    long at;
    final long through;

    Repeated(long at, long through) {
      this.at = at;
      this.through = through;
    }
  }

  /** The subscription is gone; another one of the address begins anew. */
  void unsubscribed(String address) {
    last.remove(address);
    repeated.remove(address);
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
      cursors.merge(each.address, each.offset, Math::max);
    }
    return cursors;
  }
}
