// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Feed;
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
 * Reports the events of one connector's sessions to the {@code sessions} topic. Any thread; never
 * blocks.
 */
public final class SessionEvents {

  /** Why a session expired: the client connected with Clean Start. */
  static final String CLEAN_START = "clean-start";

  /** Why a session expired: it ended with its connection. */
  static final String CONNECTION_ENDED = "connection-ended";

  /** The reason in an event of kind OTHER that reports progress. */
  private static final String PROGRESS = "progress";

  /** Prefix of a gap's reason when the gap is a message that cannot be sent to any client. */
  private static final String UNSENDABLE = "unsendable: ";

  private final RecentPositions unsendable = new RecentPositions();
  private final String connectorId;
  private final long incarnation;
  private final Consumer<SessionEvent> sink;
  private final BooleanSupplier busy;

  /**
   * Events of this connector and incarnation; none is left out.
   *
   * @param sink takes each event; must not block
   */
  public SessionEvents(String connectorId, long incarnation, Consumer<SessionEvent> sink) {
    this(connectorId, incarnation, sink, () -> false);
  }

  /**
   * Events for a sink that may be busy. While the sink is busy, progress and unsendable messages
   * are not reported.
   *
   * @param sink takes each event; must not block
   * @param busy whether too many events wait already; must not block
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

  void subscribed(Session session, List<SubscriptionState> subscriptions) {
    emit(session, SessionEventKind.SUBSCRIBED, "", subscriptions, null, null);
  }

  void unsubscribed(Session session, List<SubscriptionState> subscriptions) {
    emit(session, SessionEventKind.UNSUBSCRIBED, "", subscriptions, null, null);
  }

  void ended(Session session, EndReason reason, Collection<SessionFeed> feeds) {
    SessionEventKind kind =
        reason == EndReason.TAKEN_OVER
            ? SessionEventKind.TAKEN_OVER
            : SessionEventKind.DISCONNECTED;
    emit(session, kind, reason.text(), states(feeds), null, null);
  }

  /**
   * The session's state is gone. No event reports a kept session that expires while no connector
   * holds it: a reader of the topic adds the expiry to the session's last event.
   */
  void expired(Session session, String reason) {
    emit(session, SessionEventKind.EXPIRED, reason, List.of(), null, null);
  }

  /**
   * The cursors of all subscriptions of a live session. Redis can be rebuilt from them when it is
   * lost together with this connector. Reported rarely, and not at all while the sink is busy.
   *
   * @return whether the progress was reported
   */
  boolean progressed(Session session, Collection<SessionFeed> feeds) {
    if (busy.getAsBoolean()) {
      return false;
    }
    emit(session, SessionEventKind.OTHER, PROGRESS, states(feeds), null, null);
    return true;
  }

  void gap(Session session, SessionFeed feed, long from, long through) {
    emit(session, SessionEventKind.GAP, "", states(List.of(feed)), from, through);
  }

  /**
   * A message that cannot be sent to any session of this connector. Each message is reported once,
   * as a gap of one position that belongs to no session: the client identifier is empty. Only the
   * last {@value RecentPositions#POSITIONS_MAX} such messages are remembered. While the sink is
   * busy, the event is left out, and the message counts as reported.
   *
   * @return whether the message is not one of the remembered ones
   */
  boolean unsendable(Feed feed, Delivery delivery, String reason) {
    long offset = delivery.offset();
    if (!unsendable.add(feed.partition(), offset)) {
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
              List.of(new SubscriptionState(delivery.address(), 0, feed.partition(), -1L)),
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

  /** A subscription as events report it, with the position up to which it wants nothing more. */
  static SubscriptionState state(SessionFeed feed, Subscription subscription) {
    long from = subscription.from();
    return new SubscriptionState(
        subscription.filter(),
        subscription.options().qos(),
        feed.feed().partition(),
        from == Subscription.FROM_ACTIVATION ? feed.cursor() : Math.max(feed.cursor(), from));
  }

  private static List<SubscriptionState> states(Collection<SessionFeed> feeds) {
    return feeds.stream()
        .filter(SessionFeed::hasCursor)
        .flatMap(
            feed ->
                feed.subscriptions().stream()
                    .filter(Subscription::granted)
                    .map(subscription -> state(feed, subscription)))
        .toList();
  }
}
