// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import static io.netty.handler.codec.mqtt.MqttMessageType.CONNACK;
import static io.netty.handler.codec.mqtt.MqttMessageType.PUBLISH;
import static io.netty.handler.codec.mqtt.MqttMessageType.SUBACK;
import static io.netty.handler.codec.mqtt.MqttMessageType.UNSUBACK;

import io.pabal.connector.fixture.Packet;
import io.pabal.connector.model.Connection.Operation;
import io.pabal.connector.model.Connection.Received;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One client and what its session may rely on: the model. It knows what was published and what the
 * client saw and did; of the connectors it knows nothing but which one a connection is at.
 */
final class ModelSession {

  private enum Existence {
    NO,
    YES,
    /** A CONNECT that was not answered may have begun, dropped or ended it. */
    UNKNOWN
  }

  final String clientId;
  private final Logs logs;
  private final StoredSessions stored;
  private final Map<String, ModelSubscription> subscriptions = new TreeMap<>();
  private final List<Connection> superseded = new ArrayList<>();
  private Existence existence = Existence.NO;
  private Existence expected = Existence.NO;
  private int operations;

  /** The connection that was accepted last, until it ends. */
  @Nullable Connection current;

  /** The connection that was accepted last, whether or not it has ended. */
  private @Nullable Connection newest;

  /** The connection whose CONNECT is not answered yet. */
  @Nullable Connection connecting;

  ModelSession(String clientId, Logs logs, StoredSessions stored) {
    this.clientId = clientId;
    this.logs = logs;
    this.stored = stored;
  }

  // ---- what the client does

  /** Sends CONNECT. */
  void connects(Connection connection) {
    connecting = connection;
    expected = connection.clean ? Existence.NO : existence;
    if (current != null && current.at != connection.at) {
      current.contested = true;
    }
    if (connection.clean) {
      existence =
          existence == Existence.NO && !connection.persistent ? existence : Existence.UNKNOWN;
      subscriptions.values().forEach(ModelSession::doubt);
    } else if (existence == Existence.NO) {
      existence = Existence.UNKNOWN;
    }
  }

  /** Sends SUBSCRIBE. */
  Operation subscribes(Connection connection, List<String> addresses, int qos) {
    var operation = new Operation(++operations, addresses, true, qos);
    for (String address : addresses) {
      if (qos == 0) {
        connection.uncertain.add(address);
      }
      ModelSubscription known = subscriptions.get(address);
      ModelSubscription subscription = known == null ? new ModelSubscription() : known;
      subscriptions.put(address, subscription);
      subscription.operation = operation.number();
      if (!subscription.sure || subscription.qos != 1 || qos != 1) {
        subscription.forgive();
      }
      subscription.qos = Math.max(subscription.qos, qos);
      if (known == null) {
        connection.at.input(() -> connection.seenBefore.put(address, connection.at.seen(address)));
      }
    }
    return operation;
  }

  /** Sends UNSUBSCRIBE. */
  Operation unsubscribes(Connection connection, List<String> addresses) {
    var operation = new Operation(++operations, addresses, false, 0);
    for (String address : addresses) {
      connection.uncertain.add(address);
      ModelSubscription subscription = subscriptions.get(address);
      if (subscription != null) {
        subscription.operation = operation.number();
        doubt(subscription);
      }
    }
    return operation;
  }

  /** A PUBACK was processed. */
  void acknowledged(Connection connection, Received received) {
    received.acknowledged = true;
    ModelSubscription subscription = subscriptions.get(received.address);
    if (connection == newest && subscription != null) {
      subscription.acknowledged(received.offset);
    }
  }

  // ---- what the client sees

  /** A packet arrived. */
  void received(Connection connection, Packet packet) {
    if (packet.type() == CONNACK) {
      accepted(connection, packet);
    } else if (packet.type() == PUBLISH) {
      published(connection, packet);
    } else if (packet.type() == SUBACK || packet.type() == UNSUBACK) {
      Operation operation = connection.operations.remove(packet.packetId());
      if (operation != null && connection == current) {
        answered(connection, operation, packet);
      }
    }
  }

  private void accepted(Connection connection, Packet connAck) {
    if (connAck.code() != 0) {
      return;
    }
    if (expected == Existence.NO) {
      require(Invariant.I8, !connAck.sessionPresent(), "present, but there was none");
    } else if (expected == Existence.YES) {
      require(Invariant.I8, connAck.sessionPresent(), "not present, but there was one");
    }
    Connection before = current;
    if (before != null && before.at == connection.at && !before.contested) {
      // Taken over on one connector: the old connection is ended before the new one claims.
      leftBehind(before);
    }
    if (before != null) {
      superseded.add(before);
    }
    current = connection;
    newest = connection;
    connecting = null;
    existence = connection.persistent ? Existence.YES : Existence.NO;
    resolve(connection, connAck.sessionPresent());
  }

  private void resolve(Connection connection, boolean sessionPresent) {
    Map<String, StoredFeed> found = stored.feeds(clientId);
    if (!sessionPresent) {
      subscriptions.clear();
      require(Invariant.I8, found.isEmpty(), "a session that is not present has " + found);
      return;
    }
    subscriptions
        .entrySet()
        .removeIf(each -> !each.getValue().sure && !found.containsKey(each.getKey()));
    subscriptions.forEach(
        (address, subscription) -> {
          StoredFeed present = found.get(address);
          require(Invariant.I8, present != null, "lost its subscription of " + address);
          if (present == null) {
            return;
          }
          subscription.qos = present.subscriptions().getFirst().options() & 1;
          subscription.sure = true;
          if (subscription.qos == 1 && !subscription.isOwedAnything()) {
            subscription.owe(logs.end(address));
          }
          connection.cursors.put(address, present.cursor());
        });
  }

  private void published(Connection connection, Packet packet) {
    String address = packet.topic();
    long offset = Long.parseLong(packet.payload());
    if (connection.isNewer(address, offset)) {
      String early = connection.goesOn(address, logs);
      require(Invariant.I13, early == null, address + "@" + offset + " arrived, " + early);
      connection.last.put(address, offset);
    } else {
      String wrong = connection.repeats(address, offset, logs);
      if (wrong != null) {
        requireBehind(Invariant.I2, address, offset, connection.last.get(address), wrong);
        requireBehind(Invariant.I5, address, offset, connection.cursors.get(address), wrong);
        requireBehind(Invariant.I9, address, offset, connection.seenBefore.get(address), wrong);
      }
    }
    if (packet.qos() == 1) {
      connection.take(packet, offset);
      int inFlight = connection.inFlight().size();
      require(Invariant.I11, inFlight <= connection.receiveMax, inFlight + " unacknowledged");
    }
    if (connection != current) {
      return;
    }
    ModelSubscription subscription = subscriptions.get(address);
    require(Invariant.I3, subscription != null, address + "@" + offset);
    require(
        Invariant.I3,
        subscription == null || packet.qos() <= subscription.qos,
        address + "@" + offset + " at QoS " + packet.qos());
  }

  private void answered(Connection connection, Operation operation, Packet packet) {
    if (!operation.subscribe()) {
      requireNotWaitedFor(connection, operation, packet.codes());
    }
    for (int i = 0; i < operation.addresses().size(); i++) {
      String address = operation.addresses().get(i);
      if (!operation.subscribe()) {
        connection.unsubscribed(address);
      }
      ModelSubscription subscription = subscriptions.get(address);
      if (subscription == null || subscription.operation != operation.number()) {
        continue;
      }
      if (!operation.subscribe()) {
        subscriptions.remove(address);
      } else if (packet.codes().get(i) == operation.qos()) {
        subscription.sure = true;
        subscription.qos = operation.qos();
        if (operation.qos() == 1 && !subscription.isOwedAnything()) {
          subscription.owe(logs.end(address));
        }
      } else {
        doubt(subscription);
      }
    }
  }

  /** A SUBSCRIBE of which nothing is left is answered before the UNSUBSCRIBE that ended it. */
  private void requireNotWaitedFor(Connection connection, Operation ended, List<Integer> codes) {
    for (Operation earlier : connection.operations.values()) {
      require(
          Invariant.I12,
          !earlier.subscribe()
              || earlier.number() > ended.number()
              || earlier.addresses().stream()
                  .map(ended.addresses()::indexOf)
                  .anyMatch(at -> at < 0 || codes.get(at) != 0),
          "SUBSCRIBE of " + earlier.addresses() + " waits for what was unsubscribed");
    }
  }

  /** The connection has ended; {@code inOrder} when its connector could write its cursors. */
  void ended(Connection connection, boolean inOrder) {
    if (connection.ended) {
      return;
    }
    connection.ended = true;
    superseded.remove(connection);
    if (connection == connecting) {
      connecting = null;
    }
    if (connection != current) {
      return;
    }
    if (inOrder && !connection.contested) {
      leftBehind(connection);
    }
    current = null;
    if (!connection.persistent) {
      subscriptions.clear();
    }
  }

  private void leftBehind(Connection connection) {
    if (!connection.persistent) {
      return;
    }
    Map<String, StoredFeed> found = stored.feeds(clientId);
    connection
        .acknowledgedWithoutGap()
        .forEach(
            (address, offset) -> {
              StoredFeed left = found.get(address);
              ModelSubscription subscription = subscriptions.get(address);
              if (left != null && subscription != null && subscription.sure) {
                // What was in flight before may have been sent again in another order.
                require(
                    Invariant.I6,
                    left.cursor() >= offset
                        || stored.isAcknowledgedAhead(clientId, address, offset),
                    address + "@" + offset + " was acknowledged, the cursor is " + left.cursor());
              }
            });
  }

  // ---- what is always so

  /** Looks at what is stored. */
  void check() {
    if (existence != Existence.YES || connecting != null) {
      return;
    }
    Map<String, StoredFeed> found = stored.feeds(clientId);
    for (String address : found.keySet()) {
      require(
          Invariant.I7,
          subscriptions.containsKey(address),
          "is stored as subscribed to " + address);
    }
    subscriptions.forEach(
        (address, subscription) -> {
          StoredFeed present = found.get(address);
          if (present == null) {
            require(Invariant.I7, !subscription.sure, "is not stored as subscribed to " + address);
            return;
          }
          check(address, subscription, present.cursor());
        });
  }

  private void check(String address, ModelSubscription subscription, long cursor) {
    if (subscription.sure) {
      require(
          Invariant.I7,
          cursor >= subscription.cursor,
          "cursor of " + address + " fell from " + subscription.cursor + " to " + cursor);
    }
    subscription.cursor = subscription.sure ? cursor : Long.MIN_VALUE;
    if (subscription.sure) {
      List<Long> passed =
          owed(address, subscription).stream().filter(each -> each <= cursor).toList();
      require(
          Invariant.I4,
          passed.isEmpty(),
          "cursor of " + address + " is " + cursor + ", past " + passed);
    }
  }

  /** Everything that should have arrived by now. */
  void checkNothingIsMissing() {
    subscriptions.forEach(
        (address, subscription) -> {
          List<Long> missing = owed(address, subscription);
          require(Invariant.I1, missing.isEmpty(), "misses " + address + "@" + missing);
        });
  }

  private List<Long> owed(String address, ModelSubscription subscription) {
    if (!subscription.isOwedAnything()) {
      return List.of();
    }
    var log = logs.messages(logs.partitionOf(address));
    List<Long> owed = new ArrayList<>();
    for (int offset = 0; offset < log.size(); offset++) {
      if (log.get(offset).address().equals(address) && subscription.isOwed(offset)) {
        owed.add((long) offset);
      }
    }
    return owed;
  }

  /** The session's time is over. */
  void expires() {
    stored.expire(clientId);
    existence = Existence.NO;
    subscriptions.clear();
  }

  /** Whether there may be a session without an owner. */
  boolean mayExpire() {
    return mayExist() && !stored.isOwned(clientId);
  }

  /** Whether there may be a session that should be resumed. */
  boolean mayExist() {
    return existence != Existence.NO;
  }

  /** Whether a CONNECT, SUBSCRIBE or UNSUBSCRIBE is not answered yet. */
  boolean waits() {
    return connecting != null || (current != null && !current.operations.isEmpty());
  }

  /** All connections that the client has not seen the end of. */
  List<Connection> connections() {
    List<Connection> all = new ArrayList<>(superseded);
    if (current != null) {
      all.add(current);
    }
    if (connecting != null) {
      all.add(connecting);
    }
    return all;
  }

  boolean isSubscribed(String address) {
    return subscriptions.containsKey(address);
  }

  private static void doubt(ModelSubscription subscription) {
    subscription.sure = false;
    subscription.forgive();
  }

  private void requireBehind(
      Invariant invariant, String address, long offset, @Nullable Long before, String wrong) {
    require(
        invariant,
        before == null || offset > before,
        address + "@" + offset + " arrived, expected: later than " + before + "; " + wrong);
  }

  private void require(Invariant invariant, boolean holds, String what) {
    if (!holds) {
      throw new InvariantBroken(invariant, clientId + ": " + what);
    }
  }
}
