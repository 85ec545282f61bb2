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
 * large for the client, cannot be sent to anybody, or is the client's own). A LIVE subscription
 * gets each later message pushed, so nothing between {@code sent} and what the event loop has
 * applied is missing. A BEHIND one is sent nothing that is pushed: {@link CatchUp} reads on from
 * {@code sent}. Nothing at or below {@code sent} is written again on this connection, unless it is
 * rewound.
 *
 * <h2>A rewind takes nothing away</h2>
 *
 * <p>A rewound subscription is BEHIND and is read for as any other, but from {@code at} of its
 * {@link Repeat} and never beyond {@code sent}; when the repeat is over, it reads on from {@code
 * sent}. So what is sent is the range once more, in order, and then everything newer, in order:
 * what was not sent before is not part of a repeat. A repeat changes neither {@code sent} nor what
 * counts as acknowledged, and what is repeated is in flight for nobody ({@link
 * InFlightWindow#addRepeated}). So the cursor stays where it is, whatever of the repeat is
 * acknowledged, or lost with the connection; and a message that was in flight before it was
 * repeated waits for its own PUBACK.
 *
 * <p>A rewind that comes while a page is on its way waits until it is taken, since the page belongs
 * where it was asked for: {@code wanted} becomes {@code repeat} only when {@link CatchUp} turns to
 * the subscription.
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

  /** What is being sent again; only while BEHIND. */
  private @Nullable Repeat repeat;

  /** What is to be sent again next. */
  private @Nullable Repeat wanted;

  /** What is gone, until the client has acknowledged the message that told it. */
  private @Nullable StoredGap gap;

  /** The message that told of the gap on this connection; {@link #NEW} before. */
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

  /** Behind which offset to read on. */
  long at() {
    return repeat == null ? sent : repeat.at();
  }

  /** Up to where to read: to {@code newest}, or to the end of what is being sent again. */
  long readThrough(long newest) {
    return repeat == null ? newest : repeat.through();
  }

  boolean isRepeating() {
    return repeat != null;
  }

  /** Whether it has been rewound and does not read there yet. */
  boolean isRewound() {
    return wanted != null;
  }

  /** Turns to what is to be sent again, if there is such; nothing may be on its way to be taken. */
  void turnBack() {
    if (wanted != null) {
      repeat = wanted.with(repeat).upTo(sent);
      wanted = null;
    }
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
        // QoS 0 is pushed and forgotten: what was not pushed is not looked for.
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

  /** What was in flight is not any more, and was not acknowledged. */
  void notInFlight() {
    inFlight--;
  }

  void acknowledged(long offset) {
    acknowledged = offset;
    inFlight--;
    // On an earlier connection, perhaps: then all before it was acknowledged there, too.
    sent = Math.max(sent, offset);
    if (gap != null && gapReportedAt != NEW && offset >= gapReportedAt) {
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
    gapReportedAt = NEW;
  }

  /** The delivery with what the client has to be told; mostly itself. */
  Delivery withPendingGap(Delivery delivery) {
    return gap == null || gapReportedAt != NEW
        ? delivery
        : delivery.withGap(address.partition() + ":" + gap.from() + "-" + gap.through());
  }

  void gapReported(Delivery delivery) {
    gapReportedAt = delivery.offset();
  }

  /** Nothing more of the address up to {@code offset} is to be sent, or to be sent again. */
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
