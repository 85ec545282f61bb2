// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.model.Connection.Operation;
import io.pabal.connector.model.Connection.Received;
import io.pabal.sessioncache.session.StoredSessions;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All clients: what they do, and what they see. */
final class Clients {

  private static final int OPERATIONS_MAX = 3;

  private final Simulation world;
  private final List<String> addresses;
  private final List<ModelSession> all;

  /** One of a client's connections. */
  record Open(ModelSession client, Connection connection) {}

  Clients(
      Simulation world,
      List<String> clientIds,
      List<String> addresses,
      Logs logs,
      StoredSessions stored) {
    this.world = world;
    this.addresses = addresses;
    this.all = clientIds.stream().map(id -> new ModelSession(id, logs, stored)).toList();
  }

  List<ModelSession> all() {
    return all;
  }

  /** Those who have a connection that was accepted. */
  List<ModelSession> connected() {
    return having(each -> each.current != null);
  }

  /** Those who may send SUBSCRIBE or UNSUBSCRIBE. */
  List<ModelSession> operating() {
    return having(Clients::mayOperate);
  }

  /** All connections whose end was not seen. */
  List<Open> open() {
    return all.stream()
        .flatMap(client -> client.connections().stream().map(each -> new Open(client, each)))
        .toList();
  }

  /** Those of them with something in flight. */
  List<Open> unacknowledged() {
    return open().stream().filter(each -> !each.connection.inFlight().isEmpty()).toList();
  }

  /** Has the model see what arrived, and look at what is stored. */
  void look() {
    for (ModelSession client : all) {
      for (Connection connection : client.connections()) {
        for (Packet packet : connection.socket.receive()) {
          client.received(connection, packet);
        }
        if (!connection.socket.isOpen()) {
          client.ended(connection, true);
        }
      }
      client.check();
    }
  }

  /** The connector is gone, and all its sockets with it. */
  void lose(SimulatedConnector connector) {
    open().stream()
        .filter(each -> each.connection.at == connector)
        .forEach(each -> each.client.ended(each.connection, false));
  }

  /** Sends CONNECT on a new connection, unless one is not answered yet. */
  void connect(@Nullable ModelSession client, @Nullable SimulatedConnector at, int how) {
    if (client == null || at == null || client.connecting != null) {
      return;
    }
    boolean clean = how % 10 == 0;
    boolean persistent = !clean || how % 20 != 0;
    int receiveMax = (1 + (how >> 4) % 6) * (1 + (how >> 4) % 6);
    world.note(
        client.clientId + " to " + at + (clean ? " clean" : "") + (persistent ? "" : " for now"));
    var connection = new Connection(at, clean, persistent, receiveMax);
    client.connects(connection);
    byte[] packet =
        Wire.connect(
            5,
            clean ? Wire.CLEAN : 0,
            0,
            Wire.properties(
                Wire.sessionExpiry(persistent ? 3_600 : 0), Wire.receiveMaximum(receiveMax)),
            Wire.string(client.clientId));
    at.input(() -> connection.socket.send(packet));
  }

  /** Sends DISCONNECT. */
  void disconnect(@Nullable ModelSession client) {
    if (client == null || client.current == null) {
      return;
    }
    end(client, client.current, true);
  }

  /** The socket closes without DISCONNECT. */
  void loseSocket(@Nullable Open open) {
    if (open == null) {
      return;
    }
    boolean claiming = open.connection == open.client.connecting;
    if (claiming && open.connection.at.isFrozen()) {
      return;
    }
    end(open.client, open.connection, false);
    if (claiming) {
      // What the connector does with a CONNECT whose sender is gone is over before the next one.
      world.comeToRest(open.connection.at);
    }
  }

  private void end(ModelSession client, Connection connection, boolean politely) {
    world.note(client.clientId + (politely ? " disconnects from " : " loses ") + connection.at);
    boolean heard = !connection.at.isFrozen();
    connection.at.input(
        () -> {
          if (politely) {
            connection.socket.send(Wire.disconnect());
          }
          connection.socket.close();
        });
    world.settle();
    client.ended(connection, heard);
  }

  /** Sends SUBSCRIBE for up to three addresses. */
  void subscribe(@Nullable ModelSession client, int what, int how) {
    if (client == null || client.current == null) {
      return;
    }
    Connection connection = client.current;
    List<String> filters =
        addresses.stream().skip(what % addresses.size()).limit(1 + how / 4 % 3).toList();
    int qos = how % 4 == 0 ? 0 : 1;
    Operation operation = client.subscribes(connection, filters, qos);
    int packetId = connection.nextPacketId++;
    connection.operations.put(packetId, operation);
    world.note(client.clientId + " to " + filters + " at QoS " + qos);
    byte[] packet =
        Wire.subscribe5(
            packetId, filters.stream().map(each -> Wire.filter(each, qos)).toArray(byte[][]::new));
    connection.at.input(() -> connection.socket.send(packet));
  }

  /** Sends UNSUBSCRIBE. */
  void unsubscribe(@Nullable ModelSession client, int what) {
    if (client == null || client.current == null) {
      return;
    }
    Connection connection = client.current;
    List<String> subscribed = addresses.stream().filter(client::isSubscribed).toList();
    String address = Simulation.pick(subscribed, what);
    if (address == null) {
      return;
    }
    Operation operation = client.unsubscribes(connection, List.of(address));
    int packetId = connection.nextPacketId++;
    connection.operations.put(packetId, operation);
    world.note(client.clientId + " from " + address);
    byte[] packet = Wire.unsubscribe5(packetId, address);
    connection.at.input(() -> connection.socket.send(packet));
  }

  /** Acknowledges the oldest, any, all or the newest of what is in flight. */
  void acknowledge(@Nullable Open open, int which, int how) {
    if (open == null) {
      return;
    }
    List<Received> inFlight = open.connection.inFlight();
    List<Received> chosen =
        switch (how % 4) {
          case 0 -> List.of(inFlight.getFirst());
          case 1 -> List.of(inFlight.get(which % inFlight.size()));
          case 2 -> inFlight;
          default -> List.of(inFlight.getLast());
        };
    world.note(
        open.client.clientId
            + " at "
            + open.connection.at
            + chosen.stream().map(each -> " " + each.address + "@" + each.offset).toList());
    acknowledge(open, chosen);
  }

  /** Acknowledges what was received, in this order. */
  void acknowledge(Open open, List<Received> chosen) {
    Connection connection = open.connection;
    for (Received each : chosen) {
      connection.at.input(
          () -> {
            connection.socket.send(Wire.pubAck(each.packetId));
            open.client.acknowledged(connection, each);
          });
    }
  }

  /** Stops reading, or goes on. */
  void stall(@Nullable ModelSession client) {
    if (client == null || client.current == null) {
      return;
    }
    Connection connection = client.current;
    connection.stalled = !connection.stalled;
    world.note(client.clientId + (connection.stalled ? " reads nothing" : " reads again"));
    boolean full = connection.stalled;
    connection.at.input(() -> connection.socket.full(full));
  }

  /**
   * A session expires. One with an owner does so a day after its last renewal at the earliest, and
   * no connector stands still for so long and goes on: its deliveries are gone by then, and it
   * ends.
   */
  void expire(@Nullable ModelSession client) {
    if (client != null && client.connections().isEmpty() && client.mayExpire()) {
      world.note(client.clientId);
      client.expires();
    }
  }

  private List<ModelSession> having(Predicate<ModelSession> condition) {
    return all.stream().filter(condition).toList();
  }

  private static boolean mayOperate(ModelSession client) {
    Connection current = client.current;
    return current != null && !current.stalled && current.operations.size() < OPERATIONS_MAX;
  }
}
