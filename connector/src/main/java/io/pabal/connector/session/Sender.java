// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Delivery;
import io.pabal.sessioncache.session.StoredDelivery;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends one session's messages to its client: drops those that the client does not want or accept,
 * limits the rest to the window, and tracks acknowledgements. Used on the session's event loop
 * only.
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

  /** Stops sending, for good. */
  void close() {
    closed = true;
  }

  /** How many QoS 1 messages fit into the window now. */
  int room() {
    InFlightWindow present = inFlight;
    return present == null ? profile.inFlightMax() : present.room();
  }

  /**
   * Whether reading a page is worthwhile: the socket is writable and a quarter of the window is
   * free.
   */
  boolean takesPage() {
    return !closed && outbound.isWritable() && room() >= Math.max(1, profile.inFlightMax() / 4);
  }

  /** Restores the last connection's deliveries in flight; called before any message is sent. */
  void restore(List<StoredDelivery> stored, Function<String, @Nullable SessionFeed> feedOf) {
    window().restore(stored, feedOf);
    forgetIfEmpty();
  }

  /** All deliveries in flight, in the form that is stored; see {@link InFlightWindow#stored}. */
  List<StoredDelivery> inFlight() {
    InFlightWindow present = inFlight;
    return present == null ? List.of() : present.stored();
  }

  /** Whether the deliveries in flight changed since the last call. */
  boolean takeMoved() {
    boolean was = moved;
    moved = false;
    return was;
  }

  /** Notes that the deliveries in flight were not stored; the next checkpoint stores them. */
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

  /** As {@link InFlightWindow#settle}. */
  void settle(SessionFeed feed, long through) {
    InFlightWindow present = inFlight;
    if (present != null) {
      present.settle(feed, through);
      forgetIfEmpty();
    }
  }

  /**
   * Sends the delivery, or drops it when the client does not want it. Returns false, without
   * effect, when the window or the socket has no room for a delivery at QoS 1.
   */
  boolean send(SessionFeed feed, Delivery delivery) {
    int qos = qos(feed, delivery);
    Delivery wanted = wanted(delivery, qos);
    if (wanted == null) {
      return true;
    }
    return qos == 0 ? sendAtMostOnce(wanted) : sendAtLeastOnce(feed, wanted);
  }

  /**
   * Sends the delivery once more, as a new PUBLISH without DUP: its PUBACK only frees room in the
   * window. Otherwise as {@link #send}.
   */
  boolean repeat(SessionFeed feed, Delivery delivery) {
    int qos = qos(feed, delivery);
    Delivery wanted = wanted(delivery, qos);
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
   * Always returns true: the message is sent, or is dropped when too many bytes wait for the socket
   * (MQTT 5, 4.3.1).
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

  private boolean sendAtLeastOnce(SessionFeed feed, Delivery delivery) {
    if (closed || room() == 0 || !outbound.isWritable()) {
      return false;
    }
    InFlightWindow window = window();
    int packetId = window.resend(feed, delivery.offset());
    if (packetId == InFlightWindow.ACKNOWLEDGED) {
      return true;
    }
    boolean dup = packetId != InFlightWindow.NOT_IN_FLIGHT;
    if (dup) {
      metrics.resent.increment();
    } else {
      packetId = window.add(feed, delivery.offset());
    }
    moved = true;
    metrics.sent.increment();
    Delivery outgoing = feed.withPendingGap(delivery);
    if (outgoing != delivery && accepted(outgoing, 1)) {
      feed.gapReported(outgoing);
      outbound.publish(outgoing, 1, packetId, dup);
    } else {
      outbound.publish(delivery, 1, packetId, dup);
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

  /**
   * The delivery to send; {@linkplain Delivery#untraced untraced} if it is too large otherwise.
   * Null when the message expired, is not wanted ({@code qos} is -1), or is too large for the
   * client.
   */
  private @Nullable Delivery wanted(Delivery delivery, int qos) {
    if (qos < 0 || delivery.isExpired()) {
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

  /** The QoS to send the message at; -1 when no subscription wants it. */
  private int qos(SessionFeed feed, Delivery delivery) {
    return Math.min(delivery.qos(), feed.grantedQos(delivery, profile.clientId()));
  }

  private boolean accepted(Delivery delivery, int qos) {
    return outbound.accepts(delivery.packetBytes(qos, outbound.format()));
  }
}
