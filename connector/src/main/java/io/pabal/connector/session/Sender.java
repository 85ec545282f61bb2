// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Delivery;
import io.pabal.sessioncache.session.StoredDelivery;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way of one session's messages to its client: what it wants of them, what fits, and what it
 * has not acknowledged. On the session's event loop only.
 */
final class Sender {

  private final SessionProfile profile;
  private final Outbound outbound;
  private final ConnectorMetrics metrics;

  /** Null while nothing is in flight, as it is for most sessions most of the time. */
  private @Nullable InFlightWindow inFlight;

  /** The packet identifier that a new window begins with. */
  private int nextId = 1;

  private boolean closed;
  private boolean moved;

  Sender(SessionProfile profile, Outbound outbound, ConnectorMetrics metrics) {
    this.profile = profile;
    this.outbound = outbound;
    this.metrics = metrics;
  }

  /** Nothing is sent any more. */
  void close() {
    closed = true;
  }

  /** How many QoS 1 messages fit into the window now. */
  int room() {
    InFlightWindow present = inFlight;
    return present == null ? profile.inFlightMax() : present.room();
  }

  /**
   * Whether it is worth reading a page: the socket takes more, and a good part of the window is
   * free.
   */
  boolean takesPage() {
    return !closed && outbound.isWritable() && room() >= Math.max(1, profile.inFlightMax() / 4);
  }

  /** Takes up what was in flight on the session's last connection; before anything is sent. */
  void restore(
      List<StoredDelivery> stored, Function<String, @Nullable Subscription> subscriptionOf) {
    window().restore(stored, subscriptionOf);
    forgetIfEmpty();
  }

  /** All that is in flight, to be stored. */
  List<StoredDelivery> inFlight() {
    InFlightWindow present = inFlight;
    return present == null ? List.of() : present.stored();
  }

  /** Whether what is in flight changed since this was asked last. */
  boolean takeMoved() {
    boolean was = moved;
    moved = false;
    return was;
  }

  /** What is in flight was not stored after all. */
  void putMoved() {
    moved = true;
  }

  /** Takes a PUBACK; false when nothing was in flight under the identifier. */
  boolean acknowledge(int packetId) {
    InFlightWindow present = inFlight;
    if (present == null) {
      return false;
    }
    moved = true;
    boolean known = present.acknowledge(packetId);
    forgetIfEmpty();
    return known;
  }

  /** What is to be sent again for {@code subscription} up to {@code through} will not be sent. */
  void settle(Subscription subscription, long through) {
    InFlightWindow present = inFlight;
    if (present != null) {
      present.settle(subscription, through);
      forgetIfEmpty();
    }
  }

  /**
   * Sends the delivery, or drops it when the client does not want it; false, and nothing happened,
   * when window or socket have no room for one at QoS 1.
   */
  boolean send(Subscription subscription, Delivery delivery) {
    int qos = Math.min(delivery.qos(), subscription.options().qos());
    Delivery wanted = wanted(subscription, delivery, qos);
    if (wanted == null) {
      return true;
    }
    return qos == 0 ? sendAtMostOnce(wanted) : sendAtLeastOnce(subscription, wanted);
  }

  /**
   * Sends the delivery once more, as a message of its own: whether the client acknowledges it
   * concerns nothing but the room in the window. Otherwise as {@link #send}.
   */
  boolean repeat(Subscription subscription, Delivery delivery) {
    int qos = Math.min(delivery.qos(), subscription.options().qos());
    Delivery wanted = wanted(subscription, delivery, qos);
    if (wanted == null) {
      return true;
    }
    if (qos == 0) {
      return sendAtMostOnce(wanted);
    }
    if (closed || room() == 0 || !outbound.isWritable()) {
      return false;
    }
    metrics.sent.increment();
    metrics.repeated.increment();
    outbound.publish(wanted, 1, window().addRepeated(wanted.offset()), false);
    return true;
  }

  /**
   * Always done, be it by dropping the message because too much waits for the socket (MQTT 5,
   * 4.3.1).
   */
  private boolean sendAtMostOnce(Delivery delivery) {
    if (!closed && outbound.takesAtMostOnce(delivery.packetBytes(0, outbound.format()))) {
      metrics.sent.increment();
      outbound.publish(delivery, 0, 0, false);
    } else {
      metrics.qos0Dropped.increment();
    }
    return true;
  }

  private boolean sendAtLeastOnce(Subscription subscription, Delivery delivery) {
    if (closed || room() == 0 || !outbound.isWritable()) {
      return false;
    }
    InFlightWindow window = window();
    int packetId = window.resend(subscription, delivery.offset());
    if (packetId == InFlightWindow.ACKNOWLEDGED) {
      return true;
    }
    boolean again = packetId != InFlightWindow.NOT_IN_FLIGHT;
    if (again) {
      metrics.resent.increment();
    } else {
      packetId = window.add(subscription, delivery.offset());
    }
    moved = true;
    metrics.sent.increment();
    Delivery outgoing = subscription.withPendingGap(delivery);
    if (outgoing != delivery && accepted(outgoing, 1)) {
      subscription.gapReported(outgoing);
      outbound.publish(outgoing, 1, packetId, again);
    } else {
      outbound.publish(delivery, 1, packetId, again);
    }
    return true;
  }

  private InFlightWindow window() {
    InFlightWindow present = inFlight;
    if (present == null) {
      present = new InFlightWindow(profile.inFlightMax(), nextId);
      inFlight = present;
    }
    return present;
  }

  private void forgetIfEmpty() {
    InFlightWindow present = inFlight;
    if (present != null && present.size() == 0) {
      nextId = present.nextId();
      inFlight = null;
    }
  }

  /** What of the delivery the client wants and takes; null: nothing. */
  private @Nullable Delivery wanted(Subscription subscription, Delivery delivery, int qos) {
    if (delivery.isExpired()
        || (subscription.options().noLocal() && delivery.publisher().equals(profile.clientId()))) {
      return null;
    }
    if (accepted(delivery, qos)) {
      return delivery;
    }
    Delivery smaller = delivery.untraced();
    if (accepted(smaller, qos)) {
      return smaller;
    }
    metrics.tooLargeForClient.increment();
    return null;
  }

  private boolean accepted(Delivery delivery, int qos) {
    return outbound.accepts(delivery.packetBytes(qos, outbound.format()));
  }
}
