// SPDX-License-Identifier: Apache-2.0
/**
 * MQTT sessions: subscriptions, the in-flight window, catching up, cursors and who owns them.
 *
 * <h2>What a session can rely on</h2>
 *
 * <p>Whatever connectors, routers, the timeline writer and the client do, and in whatever order
 * what they wrote arrives:
 *
 * <dl>
 *   <dt>I1. What is published after SUBACK arrives, at QoS 1 and for as long as the session is
 *       kept.
 *   <dd>The router has answered before: what it routes later is pushed, what it routed earlier lies
 *       at or below the head of the answer, and the timeline is read up to there, waiting for its
 *       watermark. Every further answer is such a check, so that records lost with a router are
 *       found, and every address is announced again from time to time, so that there is one when
 *       the router's table lost it. Kept by {@link io.pabal.connector.session.SubscribeOperation},
 *       {@link io.pabal.connector.delivery.DeliveryConsumer} and {@link
 *       io.pabal.sessioncache.timeline.TimelineReader}; the router's half is told in its processor.
 *   <dt>I2. On one connection the positions of an address only rise, so nothing is out of order and
 *       nothing is sent twice, unless an operator wants it (I13).
 *   <dd>A live subscription is pushed to and a subscription that is behind is read for, never both;
 *       why they join without a gap is told in {@link io.pabal.connector.session.CatchUp}, and what
 *       {@code sent} means in {@link io.pabal.connector.session.Subscription}.
 *   <dt>I3. Nothing arrives that is not subscribed to, or at a higher QoS than was granted.
 *   <dd>A subscription leaves its address on the event loop that sends, before the UNSUBACK.
 *   <dt>I4. A cursor passes nothing that was not acknowledged.
 *   <dd>{@link io.pabal.connector.session.InFlightWindow} acknowledges to a subscription in the
 *       order of sending only, and what needs no acknowledgement moves the cursor only while
 *       nothing is in flight.
 *   <dt>I5. What the cursor covers is not sent again.
 *   <dd>Unless an operator wants it. {@code sent} begins at the cursor that the claim returned, and
 *       I2 does the rest. So a crash repeats at most what was acknowledged after the last
 *       checkpoint.
 *   <dt>I6. A connection that ends in good order leaves its cursors behind.
 *   <dd>{@link io.pabal.connector.session.Session#end} writes them in the step that releases the
 *       claim, and on one connector the next claim waits for it ({@link
 *       io.pabal.connector.session.SessionTable#claim}).
 *   <dt>I7. Only the newest claim writes, and cursors never fall.
 *   <dd>An operator may set back those of a session that nobody holds: {@link
 *       io.pabal.sessioncache.session.SessionDirectory#setBack}. Every write names its epoch and
 *       Redis compares it in the step that writes: {@link
 *       io.pabal.sessioncache.session.SessionStore}. An owner that was frozen writes nothing when
 *       it wakes up, and its late removals of locations name an incarnation and an activation that
 *       nobody goes by any more.
 *   <dt>I8. Session Present says what is so: 1 with all subscriptions that were acknowledged, 0
 *       with none.
 *   <dd>A subscription is stored before its SUBACK and removed before its UNSUBACK; the claim reads
 *       them in the step that fences the previous owner.
 *   <dt>I9. A new subscription begins behind what its connector has seen of the address.
 *   <dd>What was seen never falls back: {@link io.pabal.connector.delivery.Address}, which also
 *       tells why a record at or below it may be dropped, and why the activation number is part of
 *       that.
 *   <dt>I10. A gap is told when there may be one, and only then.
 *   <dd>The timeline says with each page whether it reached back far enough; what it lacks is read
 *       from Kafka ({@link io.pabal.connector.session.HistoryCatchUp}), and only what Kafka lacks,
 *       too, is a gap.
 *   <dt>I11. What is unacknowledged stays within Receive Maximum.
 *   <dd>Whatever does not fit into the window is left to be read later; nothing waits in memory.
 *   <dt>I12. Everything comes to rest: once all runs again, what was asked is answered and what is
 *       owed has arrived.
 *   <dd>A location that is not answered is written again, a read that failed is tried again, and
 *       nothing waits for an event that may not come.
 *   <dt>I13. A rewind sends a range again, in order, then what is newer, in order; it takes nothing
 *       away.
 *   <dd>A repeat reads on its own way and ends where {@code sent} is, and what it sends is in
 *       flight for nobody, so that neither cursor nor window know of it: {@link
 *       io.pabal.connector.session.Subscription}. Its rest goes with the connection.
 * </dl>
 *
 * <p>The tests' model checks exactly these, by their numbers, in random histories.
 */
@NullMarked
package io.pabal.connector.session;

import org.jspecify.annotations.NullMarked;
