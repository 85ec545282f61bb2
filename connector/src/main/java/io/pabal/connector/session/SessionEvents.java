// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Address;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.SubscriptionState;
import io.pabal.schemas.clock.BrokerTime;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the {@code sessions} topic what happens to the sessions of one connector. Any thread; never
 * blocks.
 */
public final class SessionEvents {

  /** Why a session expired: the client began anew. */
  static final String CLEAN_START = "clean-start";

  /** Why a session expired: it was not to outlive its connection. */
  static final String CONNECTION_ENDED = "connection-ended";

  /** The reason in an event of kind OTHER that reports progress. */
  private static final String PROGRESS = "progress";

  /** How the reason of a gap begins that is a message which cannot be sent to anybody. */
  private static final String UNSENDABLE = "unsendable: ";

  private final RecentPositions unsendable = new RecentPositions();
  private final String connectorId;
  private final long incarnation;
  private final Consumer<SessionEvent> sink;
  private final BooleanSupplier busy;

  /** Events of this connector and incarnation, given to {@code sink}, which must not block. */
  public SessionEvents(String connectorId, long incarnation, Consumer<SessionEvent> sink) {
    this(connectorId, incarnation, sink, () -> false);
  }

  /**
   * The same for a sink that may be busy: then what can be left out is left out.
   *
   * @param busy whether so much waits already; must not block
   */
  public SessionEvents(
      String connectorId, long incarnation, Consumer<SessionEvent> sink, BooleanSupplier busy) {
    this.connectorId = connectorId;
    this.incarnation = incarnation;
    this.sink = sink;
    this.busy = busy;
  }

  void connected(Session session, boolean resumed) {
    SessionEventKind kind = resumed ? SessionEventKind.RESUMED : SessionEventKind.CONNECTED;
    emit(session, kind, "", List.of(), null, null);
  }

  void subscribed(Session session, List<Subscription> subscriptions) {
    emit(session, SessionEventKind.SUBSCRIBED, "", states(subscriptions), null, null);
  }

  void unsubscribed(Session session, List<Subscription> subscriptions) {
    emit(session, SessionEventKind.UNSUBSCRIBED, "", states(subscriptions), null, null);
  }

  void ended(Session session, EndReason reason, List<Subscription> subscriptions) {
    SessionEventKind kind =
        reason == EndReason.TAKEN_OVER
            ? SessionEventKind.TAKEN_OVER
            : SessionEventKind.DISCONNECTED;
    emit(session, kind, reason.text(), states(subscriptions), null, null);
  }

  /**
   * The session's state is gone. A kept session whose time runs out while no connector holds it is
   * not told: whoever reads the topic adds the expiry to its last event.
   */
  void expired(Session session, String reason) {
    emit(session, SessionEventKind.EXPIRED, reason, List.of(), null, null);
  }

  /**
   * How far a session that goes on has come, all of its subscriptions: what Redis can be rebuilt
   * from when it is lost together with this connector. Told seldom, and not at all while much
   * waits.
   *
   * @return whether it was told
   */
  boolean progressed(Session session, Collection<Subscription> subscriptions) {
    if (busy.getAsBoolean()) {
      return false;
    }
    emit(session, SessionEventKind.OTHER, PROGRESS, states(subscriptions), null, null);
    return true;
  }

  void gap(Session session, Subscription subscription, long from, long through) {
    emit(session, SessionEventKind.GAP, "", states(List.of(subscription)), from, through);
  }

  /**
   * A message that no session of this connector can be sent. Told once for each message, as a gap
   * of one position that belongs to no session: the client identifier is empty. Left out while much
   * waits.
   *
   * @return whether the message was not reported before
   */
  boolean unsendable(Address address, long offset, String reason) {
    if (!unsendable.add(address.partition(), offset)) {
      return false;
    }
    if (!busy.getAsBoolean()) {
      sink.accept(
          new SessionEvent(
              SessionEventKind.GAP,
              BrokerTime.now(),
              "",
              "",
              0L,
              connectorId,
              incarnation,
              "",
              0L,
              UNSENDABLE + reason,
              List.of(new SubscriptionState(address.name(), 0, address.partition(), -1L)),
              offset,
              offset));
    }
    return true;
  }

  private void emit(
      Session session,
      SessionEventKind kind,
      String reason,
      List<SubscriptionState> subscriptions,
      @Nullable Long gapFrom,
      @Nullable Long gapThrough) {
    SessionProfile profile = session.profile();
    sink.accept(
        new SessionEvent(
            kind,
            BrokerTime.now(),
            profile.clientId(),
            profile.user(),
            session.claim().epoch(),
            connectorId,
            incarnation,
            profile.mqtt5() ? "5" : "3.1.1",
            profile.expirySeconds(),
            reason,
            subscriptions,
            gapFrom,
            gapThrough));
  }

  private static List<SubscriptionState> states(Collection<Subscription> subscriptions) {
    return subscriptions.stream()
        .filter(Subscription::hasCursor)
        .map(
            subscription ->
                new SubscriptionState(
                    subscription.address().name(),
                    subscription.options().qos(),
                    subscription.address().partition(),
                    subscription.cursor()))
        .toList();
  }
}
