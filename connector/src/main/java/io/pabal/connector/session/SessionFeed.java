// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.Subscriber;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredGap;
import io.pabal.sessioncache.session.StoredSubscription;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One feed of one session: the delivery state of the feed for one client, and the session's
 * subscriptions within the feed, which share its cursor. Messages of the feed that no subscription
 * matches are passed over. Used on the session's event loop only.
 *
 * <pre>
 *              activated, nothing missed          cannot take more, or a check found more
 *   ACTIVATING ─────────────────────────► LIVE ──────────────────────────────► BEHIND
 *        │                                 ▲                                     │ ▲
 *        │ activated, cursor is behind     └──────── caught up with the live ────┘ │
 *        └─────────────────────────────────────────────────────────────────────────┘
 *                                    any ──► GONE (unsubscribed, or the session ended)
 * </pre>
 *
 * <h2>Invariant: no gap and no disorder</h2>
 *
 * <p>Every message up to {@code sent} was written to the socket or does not have to be. A message
 * does not have to be written when one of these is true:
 *
 * <ul>
 *   <li>No subscription of the session matches its address, or those that do hold from a later
 *       position.
 *   <li>It lies at or below the position at which the feed began on this connection, or the client
 *       acknowledged it on an earlier connection.
 *   <li>It expired, is too large for the client, or cannot be decoded or sent to any client.
 *   <li>The client published it, and the matching subscriptions have No Local (MQTT 5, 3.8.3.1).
 *   <li>The message or the matching subscriptions are at QoS 0, and the message was not pushed or
 *       the socket had no room.
 *   <li>Kafka no longer has it, and a gap was reported.
 * </ul>
 *
 * <p>A LIVE feed receives each later message by push, so no message between {@code sent} and the
 * event loop's last applied record is missing. A BEHIND feed is sent no pushed message directly:
 * {@link CatchUp} reads on from {@code sent}. No message at or below {@code sent} is written again
 * on this connection, unless an operator rewinds the feed.
 *
 * <h2>A rewind loses no message</h2>
 *
 * <p>A rewound feed is BEHIND, and {@link CatchUp} reads for it as for any other. The read starts
 * at {@code at} of its {@link Repeat} and never goes beyond {@code sent}. After the repeat, the
 * read continues from {@code sent}. So the client receives the range once more, in order, and then
 * every newer message, in order. A message beyond {@code sent} is not part of a repeat: the read
 * after the repeat sends it. The range may include messages that are older than the subscriptions.
 *
 * <p>A repeat changes neither {@code sent} nor {@code acknowledged}, and its deliveries are in
 * flight for no feed ({@link InFlightWindow#addRepeated}). So the cursor does not move, whether the
 * repeated deliveries are acknowledged or lost with the connection. A message that was in flight
 * before it was repeated still waits for its own PUBACK.
 *
 * <p>A rewind that arrives during a page read waits until that page is processed, because the page
 * belongs to the position it was requested for. {@code requestedRepeat} becomes {@code repeat} only
 * when {@link CatchUp} starts the feed's next read.
 */
public final class SessionFeed extends Subscriber {

  /**
   * Stands for "no cursor yet". -1 is a valid cursor: the position before the first message of a
   * partition.
   */
  static final long NEW = Long.MIN_VALUE;

  /** How far messages that are passed over move the cursor before it is stored, in offsets. */
  private static final long UNSTORED_MAX = 1_000;

  private enum State {
    ACTIVATING,
    LIVE,
    BEHIND,
    GONE
  }

  private final Session session;
  private final Feed feed;

  /** Most sessions have one subscription in a feed. */
  private Subscription[] subscriptions;

  private State state = State.ACTIVATING;
  private @Nullable Runnable onDecided;

  /** {@link #NEW} without a cursor: the feed then begins at the head of the activation. */
  private long sent;

  /** The cursor while deliveries are in flight; see {@link #cursor}. */
  private long acknowledged;

  private int inFlight;
  private long stored;

  /** The range that is being sent again; only while BEHIND. */
  private @Nullable Repeat repeat;

  /** The range that a rewind requested and that is not being read yet. */
  private @Nullable Repeat requestedRepeat;

  /** The missing positions, until the client acknowledges the message that reported them. */
  private @Nullable StoredGap gap;

  /** Offset of the message that reported the gap on this connection; {@link #NEW} before. */
  private long gapReportedAt = NEW;

  /** The feed of a session that has no cursor in it yet. */
  SessionFeed(Session session, Feed feed, Subscription first) {
    this.session = session;
    this.feed = feed;
    this.subscriptions = new Subscription[] {first};
    this.sent = NEW;
    this.acknowledged = NEW;
    this.stored = NEW;
  }

  /** The feed of a resumed session. */
  SessionFeed(Session session, Feed feed, StoredFeed begin) {
    this.session = session;
    this.feed = feed;
    this.subscriptions =
        begin.subscriptions().stream().map(Subscription::of).toArray(Subscription[]::new);
    this.sent = begin.cursor();
    this.acknowledged = begin.cursor();
    this.stored = begin.cursor();
    this.gap = begin.gap();
  }

  /** The feed. */
  public Feed feed() {
    return feed;
  }

  /** The session's subscriptions within the feed; none when the feed is gone. */
  List<Subscription> subscriptions() {
    return List.of(subscriptions);
  }

  int subscriptionCount() {
    return subscriptions.length;
  }

  /** The subscription with this filter; null when there is none. */
  @Nullable Subscription find(String filter) {
    int index = indexOf(filter);
    return index < 0 ? null : subscriptions[index];
  }

  /** Adds a subscription. It holds from now on, or from the activation of the feed. */
  void subscribe(String filter, SubscriptionOptions options) {
    long from =
        isActive()
            ? feed.seen()
            : hasCursor() ? Subscription.FROM_ACTIVATION : Subscription.FROM_CURSOR;
    subscriptions = Arrays.copyOf(subscriptions, subscriptions.length + 1);
    subscriptions[subscriptions.length - 1] = new Subscription(filter, options, from, false);
  }

  /** Replaces the options of the subscription with this filter. */
  void options(String filter, SubscriptionOptions changed) {
    int index = indexOf(filter);
    subscriptions[index] = subscriptions[index].withOptions(changed);
  }

  /** Notes that the client is told that the subscription holds. */
  void grant(String filter) {
    int index = indexOf(filter);
    subscriptions[index] = subscriptions[index].asGranted();
  }

  /**
   * Removes the subscription with this filter, if there is one. The caller removes the feed from
   * the session when no subscription is left.
   */
  void unsubscribe(String filter) {
    subscriptions =
        Arrays.stream(subscriptions)
            .filter(each -> !each.filter().equals(filter))
            .toArray(Subscription[]::new);
  }

  private int indexOf(String filter) {
    for (int i = 0; i < subscriptions.length; i++) {
      if (subscriptions[i].filter().equals(filter)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether a subscription matches the message, at whatever QoS. */
  private boolean wants(Delivery delivery) {
    for (Subscription each : subscriptions) {
      if (each.matches(delivery)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The highest granted QoS of the subscriptions that want a message (MQTT 5, 3.3.4); -1 when none
   * does.
   *
   * @param clientId the session's client, whose own messages are not wanted under No Local
   */
  int grantedQos(Delivery delivery, String clientId) {
    int qos = -1;
    for (Subscription each : subscriptions) {
      if (each.matches(delivery)
          && !(each.options().noLocal() && delivery.publisher().equals(clientId))) {
        qos = Math.max(qos, each.options().qos());
      }
    }
    return qos;
  }

  /** Whether every subscription is at QoS 0, which has no catch-up. */
  private boolean isAtMostOnce() {
    for (Subscription each : subscriptions) {
      if (each.options().qos() > 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the feed is live for this session: later messages reach the session. */
  public boolean isActive() {
    return state == State.LIVE || state == State.BEHIND;
  }

  boolean isGone() {
    return state == State.GONE;
  }

  long sent() {
    return sent;
  }

  /** The offset after which reading continues. */
  long at() {
    return repeat == null ? sent : repeat.at();
  }

  /** The last offset to read: {@code newest}, or the end of the range that is sent again. */
  long readThrough(long newest) {
    return repeat == null ? newest : repeat.through();
  }

  boolean isRepeating() {
    return repeat != null;
  }

  /** Whether a rewind was requested whose range is not being read yet. */
  boolean isRewound() {
    return requestedRepeat != null;
  }

  /** Starts the requested repeat, if there is one. No page read may be in progress. */
  void startRepeat() {
    if (requestedRepeat != null) {
      repeat = requestedRepeat.with(repeat).upTo(sent);
      requestedRepeat = null;
    }
  }

  /** The offset up to which every message was acknowledged or needs no acknowledgement. */
  public long cursor() {
    return inFlight == 0 ? sent : acknowledged;
  }

  /** The feed as it is stored, with the subscriptions that were granted. */
  StoredFeed toStored() {
    List<StoredSubscription> granted =
        Arrays.stream(subscriptions)
            .filter(Subscription::granted)
            .map(Subscription::toStored)
            .toList();
    return new StoredFeed(feed.name(), cursor(), gap, granted);
  }

  /** Whether the feed belongs in the store: it has a cursor and a granted subscription. */
  boolean isKept() {
    return hasCursor() && Arrays.stream(subscriptions).anyMatch(Subscription::granted);
  }

  /** Whether the feed has a cursor, stored or from its activation. */
  boolean hasCursor() {
    return sent != NEW;
  }

  boolean isStored() {
    return stored == cursor();
  }

  void stored(long cursor) {
    stored = cursor;
  }

  /**
   * Runs {@code action} once, as soon as the feed is live or gone. Runs it at once if it is live or
   * gone already.
   */
  void whenDecided(Runnable action) {
    if (isActive() || isGone()) {
      action.run();
    } else {
      Runnable earlier = onDecided;
      onDecided =
          earlier == null
              ? action
              : () -> {
                earlier.run();
                action.run();
              };
    }
  }

  /** Activates the feed for this session at once if it is live on this connector already. */
  void join() {
    if (feed.isActive()) {
      activated(feed.seen());
    }
  }

  /**
   * Marks the feed as gone.
   *
   * @return the callbacks that waited for the activation; the caller runs them
   */
  Runnable leave() {
    if (state == State.BEHIND) {
      session.notBehind();
    }
    state = State.GONE;
    return takeOnDecided();
  }

  private Runnable takeOnDecided() {
    Runnable action = onDecided;
    onDecided = null;
    return action == null ? () -> {} : action;
  }

  @Override
  protected void activated(long head) {
    switch (state) {
      case ACTIVATING -> {
        if (sent == NEW) {
          sent = head;
          acknowledged = head;
        }
        for (int i = 0; i < subscriptions.length; i++) {
          if (subscriptions[i].from() == Subscription.FROM_ACTIVATION) {
            subscriptions[i] = subscriptions[i].withFrom(head);
          }
        }
        state = State.LIVE;
        checkAgainst(head);
        if (state == State.LIVE && isRewound()) {
          fallBehind();
        }
        takeOnDecided().run();
      }
      case LIVE -> checkAgainst(head);
      case BEHIND -> session.catchUp().checked(this, head);
      case GONE -> {}
    }
  }

  private void checkAgainst(long head) {
    if (sent < head) {
      if (isAtMostOnce()) {
        // QoS 0 has no catch-up: messages that were not pushed are skipped.
        passed(head);
      } else {
        fallBehind();
      }
    }
  }

  @Override
  protected void rewind(Rewind rewind) {
    // A QoS 0 message is sent at most once (MQTT 5, 4.3.1).
    if (isGone() || !hasCursor() || isAtMostOnce() || !session.isTargetOf(rewind)) {
      return;
    }
    requestedRepeat = new Repeat(rewind.from() - 1, rewind.through()).with(requestedRepeat);
    if (state == State.LIVE) {
      fallBehind();
    }
  }

  @Override
  protected void deliver(Delivery delivery) {
    if (delivery.offset() <= sent) {
      return;
    }
    switch (state) {
      case LIVE -> {
        if (!trySend(delivery)) {
          fallBehind();
        }
      }
      case BEHIND -> session.catchUp().offer(this, delivery);
      case ACTIVATING, GONE -> {
        // The feed has recorded the position; the activation will report it.
      }
    }
  }

  @Override
  protected void failed(Throwable cause) {
    session.failed(cause);
  }

  /**
   * Sends the delivery, or passes it over when no subscription matches it. Returns false, without
   * effect, when the session has no room for it.
   */
  boolean trySend(Delivery delivery) {
    if (!wants(delivery)) {
      passedUnwanted(delivery.offset());
      return true;
    }
    String whyUnsendable = delivery.whyUnsendable();
    if (whyUnsendable != null) {
      session.skipUnsendable(this, delivery, whyUnsendable);
      return true;
    }
    boolean taken =
        repeat == null
            ? session.sender().send(this, delivery)
            : session.sender().repeat(this, delivery);
    if (!taken) {
      return false;
    }
    passed(delivery.offset());
    return true;
  }

  /** A delivery entered the in-flight window. */
  void inFlight() {
    if (inFlight++ == 0) {
      acknowledged = sent;
    }
  }

  /** A delivery left the in-flight window without being acknowledged. */
  void notInFlight() {
    inFlight--;
  }

  /**
   * The client acknowledged the delivery at {@code offset}, and every delivery of the session that
   * was sent before it.
   */
  void acknowledged(long offset) {
    acknowledged = offset;
    inFlight--;
    // An earlier connection may have sent the delivery, so `sent` may still be lower. All
    // deliveries that were sent before this one are acknowledged too.
    sent = Math.max(sent, offset);
    if (gap != null && gapReportedAt != NEW && offset >= gapReportedAt) {
      gap(null);
      session.store(this);
    }
    session.moved();
  }

  /**
   * Records that the positions from {@code from} to {@code through} are gone. The next QoS 1
   * message reports them to the client, if it fits into the client's Maximum Packet Size together
   * with the report; otherwise a later one does. An earlier gap that is not acknowledged yet is
   * merged with the new one. The merged range also covers the messages that were sent between the
   * two gaps.
   */
  void gap(long from, long through) {
    gap(new StoredGap(gap == null ? from : gap.from(), through));
  }

  private void gap(@Nullable StoredGap changed) {
    gap = changed;
    gapReportedAt = NEW;
  }

  /** Returns the delivery with the gap to report, or the delivery itself when there is no gap. */
  Delivery withPendingGap(Delivery delivery) {
    return gap == null || gapReportedAt != NEW
        ? delivery
        : delivery.withGap(feed.partition() + ":" + gap.from() + "-" + gap.through());
  }

  /** Notes that {@code delivery}, which reports the gap, is being sent. */
  void gapReported(Delivery delivery) {
    gapReportedAt = delivery.offset();
  }

  /**
   * Notes that no message up to {@code offset} has to be sent any more. During a repeat, moves the
   * position of the repeat only.
   */
  void passed(long offset) {
    if (repeat != null) {
      repeat = repeat.after(offset);
    } else if (offset > sent) {
      sent = offset;
      session.sender().settle(this, offset);
      session.moved();
    }
  }

  /**
   * Passes over a message that no subscription matches. The client acknowledges nothing, so the
   * cursor is not worth a write of its own until it has moved far.
   */
  private void passedUnwanted(long offset) {
    session.services().metrics().unwanted.increment();
    if (repeat != null || offset <= sent) {
      passed(offset);
      return;
    }
    sent = offset;
    session.sender().settle(this, offset);
    if (offset - stored >= UNSTORED_MAX) {
      session.moved();
    }
  }

  /** Makes a BEHIND feed LIVE: every later message is pushed to it. */
  void caughtUp() {
    state = State.LIVE;
    session.notBehind();
  }

  private void fallBehind() {
    state = State.BEHIND;
    session.fellBehind();
    session.catchUp().add(this);
  }
}
