// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Address;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Subscriber;
import io.pabal.sessioncache.session.StoredGap;
import io.pabal.sessioncache.session.StoredSubscription;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one session: how far its client has got with one address. On the session's
 * event loop only.
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
 * <p>Everything up to {@code sent} was written to the socket or need not be (it expired, is too
 * large for the client, or is the client's own). A LIVE subscription gets each later message
 * pushed, so nothing between {@code sent} and what the event loop has applied is missing. A BEHIND
 * one is sent nothing that is pushed: {@link CatchUp} reads on from {@code sent}. Nothing at or
 * below {@code sent} is written again on this connection.
 */
public final class Subscription extends Subscriber {

  /**
   * The cursor of a subscription that has none yet; -1 is one: before the first message of a
   * partition.
   */
  static final long NEW = Long.MIN_VALUE;

  private enum State {
    ACTIVATING,
    LIVE,
    BEHIND,
    GONE
  }

  private final Session session;
  private final Address address;
  private SubscriptionOptions options;
  private State state = State.ACTIVATING;
  private @Nullable Runnable onDecided;

  /** {@link #NEW} in a subscription without a cursor: it starts where the activation says. */
  private long sent;

  private long acknowledged;
  private int inFlight;
  private long stored;

  /** What is gone, until the client has acknowledged the message that told it. */
  private @Nullable StoredGap gap;

  /** The message that told of the gap on this connection; {@link #NEW} before. */
  private long gapToldWith = NEW;

  Subscription(Session session, Address address, StoredSubscription begin) {
    this.session = session;
    this.address = address;
    this.options = SubscriptionOptions.of(begin.options());
    this.sent = begin.cursor();
    this.acknowledged = begin.cursor();
    this.stored = begin.cursor();
    this.gap = begin.gap();
  }

  /** The address. */
  public Address address() {
    return address;
  }

  /** The options now in force. */
  public SubscriptionOptions options() {
    return options;
  }

  void options(SubscriptionOptions changed) {
    options = changed;
  }

  /** Whether the address is live for this session: what is published from now on reaches it. */
  public boolean isActive() {
    return state == State.LIVE || state == State.BEHIND;
  }

  boolean isGone() {
    return state == State.GONE;
  }

  long sent() {
    return sent;
  }

  /**
   * Every message of the address up to this offset was acknowledged, or needs no acknowledgement.
   */
  public long cursor() {
    return inFlight == 0 ? sent : acknowledged;
  }

  StoredSubscription toStored() {
    return new StoredSubscription(address.name(), options.bits(), cursor(), gap);
  }

  /** Whether the session has had it before, or it is active: it belongs to what is stored. */
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
   * Has {@code action} run once, when the address is live or the subscription is gone; at once when
   * it is.
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

  /** Starts from an address that is live already. */
  void join() {
    if (address.isActive()) {
      activated(address.seen());
    }
  }

  /** It is gone; returns what waited for it to become active or gone, to be run by the caller. */
  Runnable leave() {
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
        state = State.LIVE;
        checkAgainst(head);
        takeOnDecided().run();
      }
      case LIVE -> checkAgainst(head);
      case BEHIND -> session.catchUp().checked(this, head);
      case GONE -> {}
    }
  }

  private void checkAgainst(long head) {
    if (sent < head) {
      if (options.qos() == 0) {
        // QoS 0 is pushed and forgotten: what was not pushed is not looked for.
        passed(head);
      } else {
        fallBehind();
      }
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
        // The address has noted the position; the activation will tell of it.
      }
    }
  }

  @Override
  protected void failed(Throwable cause) {
    session.failed(cause);
  }

  /** Sends the delivery if the session can take it; false, and nothing happened, when it can't. */
  boolean trySend(Delivery delivery) {
    if (!session.sender().send(this, delivery)) {
      return false;
    }
    passed(delivery.offset());
    return true;
  }

  void inFlight() {
    if (inFlight++ == 0) {
      acknowledged = sent;
    }
  }

  /** What was in flight is not any more, and was not acknowledged. */
  void notInFlight() {
    inFlight--;
  }

  void acknowledged(long offset) {
    acknowledged = offset;
    inFlight--;
    // On an earlier connection, perhaps: then all before it was acknowledged there, too.
    sent = Math.max(sent, offset);
    if (gap != null && gapToldWith != NEW && offset >= gapToldWith) {
      gap(null);
      session.store(this);
    }
    session.moved();
  }

  /**
   * The positions from {@code from} to {@code through} are gone: the next message tells the client.
   * With those of an earlier gap of which it was not told yet they make one: nothing was sent in
   * between.
   */
  void gap(long from, long through) {
    gap(new StoredGap(gap == null ? from : gap.from(), through));
  }

  private void gap(@Nullable StoredGap changed) {
    gap = changed;
    gapToldWith = NEW;
  }

  /** The delivery with what the client has to be told; mostly itself. */
  Delivery telling(Delivery delivery) {
    return gap == null || gapToldWith != NEW
        ? delivery
        : delivery.tellingGap(address.partition() + ":" + gap.from() + "-" + gap.through());
  }

  void toldWith(Delivery delivery) {
    gapToldWith = delivery.offset();
  }

  /** Nothing more of the address up to {@code offset} is to be sent. */
  void passed(long offset) {
    if (offset > sent) {
      sent = offset;
      session.sender().settle(this, offset);
      session.moved();
    }
  }

  void caughtUp() {
    state = State.LIVE;
  }

  private void fallBehind() {
    state = State.BEHIND;
    session.catchUp().add(this);
  }
}
