// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.delivery.Address;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.Subscriber;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.sessioncache.session.StoredGap;
import io.pabal.sessioncache.session.StoredSubscription;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one session: the delivery state of one address for one client. Used on the
 * session's event loop only.
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
 * <p>Every message up to {@code sent} was written to the socket or does not have to be: it expired,
 * is too large for the client, cannot be sent to any client, or is the client's own. A LIVE
 * subscription receives each later message by push, so no message between {@code sent} and the
 * event loop's last applied record is missing. A BEHIND subscription is sent no pushed message
 * directly: {@link CatchUp} reads on from {@code sent}. No message at or below {@code sent} is
 * written again on this connection, unless an operator rewinds the subscription.
 *
 * <h2>A rewind loses no message</h2>
 *
 * <p>A rewound subscription is BEHIND, and {@link CatchUp} reads for it as for any other. The read
 * starts at {@code at} of its {@link Repeat} and never goes beyond {@code sent}. After the repeat,
 * the read continues from {@code sent}. So the client receives the range once more, in order, and
 * then every newer message, in order. A message that was never sent is not part of a repeat.
 *
 * <p>A repeat changes neither {@code sent} nor {@code acknowledged}, and its deliveries are in
 * flight for no subscription ({@link InFlightWindow#addRepeated}). So the cursor does not move,
 * whether the repeated deliveries are acknowledged or lost with the connection. A message that was
 * in flight before it was repeated still waits for its own PUBACK.
 *
 * <p>A rewind that arrives during a page read waits until that page is processed, because the page
 * belongs to the position it was requested for. {@code wanted} becomes {@code repeat} only when
 * {@link CatchUp} starts the subscription's next read.
 */
public final class Subscription extends Subscriber {

  /**
   * Stands for "no cursor yet". -1 is a valid cursor: the position before the first message of a
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

  /** {@link #NEW} without a cursor: the subscription then starts at the head of the activation. */
  private long sent;

  private long acknowledged;
  private int inFlight;
  private long stored;

  /** The range that is being sent again; only while BEHIND. */
  private @Nullable Repeat repeat;

  /** The range to send again next. */
  private @Nullable Repeat wanted;

  /** The missing positions, until the client acknowledges the message that reported them. */
  private @Nullable StoredGap gap;

  /** Offset of the message that reported the gap on this connection; {@link #NEW} before. */
  private long gapReportedAt = NEW;

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

  /** Whether the address is live for this session: later messages reach the session. */
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
    return wanted != null;
  }

  /** Starts the requested repeat, if there is one. No page read may be in progress. */
  void startRepeat() {
    if (wanted != null) {
      repeat = wanted.with(repeat).upTo(sent);
      wanted = null;
    }
  }

  /** The offset up to which every message was acknowledged or needs no acknowledgement. */
  public long cursor() {
    return inFlight == 0 ? sent : acknowledged;
  }

  StoredSubscription toStored() {
    return new StoredSubscription(address.name(), options.bits(), cursor(), gap);
  }

  /** Whether the subscription has a cursor (stored or activated) and so belongs in the store. */
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
   * Runs {@code action} once, as soon as the address is live or the subscription is gone; at once
   * if that is so already.
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

  /** Activates the subscription at once if its address is live already. */
  void join() {
    if (address.isActive()) {
      activated(address.seen());
    }
  }

  /** Marks the subscription as gone. Returns the waiting callbacks; the caller runs them. */
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
      if (options.qos() == 0) {
        // QoS 0 has no catch-up: a message that was not pushed is skipped.
        passed(head);
      } else {
        fallBehind();
      }
    }
  }

  @Override
  protected void rewind(Rewind rewind) {
    // QoS 0 is sent at most once.
    if (isGone() || !hasCursor() || options.qos() == 0 || !session.isTargetOf(rewind)) {
      return;
    }
    wanted = new Repeat(rewind.from() - 1, rewind.through()).with(wanted);
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
        // The address has recorded the position; the activation will report it.
      }
    }
  }

  @Override
  protected void failed(Throwable cause) {
    session.failed(cause);
  }

  /** Sends the delivery. Returns false, without effect, when the session has no room for it. */
  boolean trySend(Delivery delivery) {
    String whyUnsendable = delivery.whyUnsendable();
    if (whyUnsendable != null) {
      session.skipUnsendable(this, delivery.offset(), whyUnsendable);
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

  void inFlight() {
    if (inFlight++ == 0) {
      acknowledged = sent;
    }
  }

  /** A delivery left the in-flight window without being acknowledged. */
  void notInFlight() {
    inFlight--;
  }

  void acknowledged(long offset) {
    acknowledged = offset;
    inFlight--;
    // The delivery may be of an earlier connection; all before it were acknowledged there, too.
    sent = Math.max(sent, offset);
    if (gap != null && gapReportedAt != NEW && offset >= gapReportedAt) {
      gap(null);
      session.store(this);
    }
    session.moved();
  }

  /**
   * Records that the positions from {@code from} to {@code through} are gone; the next message
   * reports them to the client. An earlier gap that is not acknowledged yet is merged with them; if
   * it was not reported yet, no message was sent in between.
   */
  void gap(long from, long through) {
    gap(new StoredGap(gap == null ? from : gap.from(), through));
  }

  private void gap(@Nullable StoredGap changed) {
    gap = changed;
    gapReportedAt = NEW;
  }

  /** The delivery with the gap to report; the delivery itself when there is none to report. */
  Delivery withPendingGap(Delivery delivery) {
    return gap == null || gapReportedAt != NEW
        ? delivery
        : delivery.withGap(address.partition() + ":" + gap.from() + "-" + gap.through());
  }

  /** The delivery, which reports the gap, is being sent. */
  void gapReported(Delivery delivery) {
    gapReportedAt = delivery.offset();
  }

  /** No message up to {@code offset} is to be sent any more; in a repeat: to be sent again. */
  void passed(long offset) {
    if (repeat != null) {
      repeat = repeat.after(offset);
    } else if (offset > sent) {
      sent = offset;
      session.sender().settle(this, offset);
      session.moved();
    }
  }

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
