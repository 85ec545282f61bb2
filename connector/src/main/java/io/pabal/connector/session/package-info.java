// SPDX-License-Identifier: Apache-2.0
/**
 * MQTT sessions: subscriptions, the in-flight window, catch-up, cursors and session ownership.
 *
 * <h2>What a session can rely on</h2>
 *
 * <p>These invariants hold whatever fails (connector, router, timeline writer or client), and in
 * whatever order the records of these processes arrive:
 *
 * <dl>
 *   <dt>I1. A message published after SUBACK is delivered, at QoS 1 and for as long as the session
 *       is kept.
 *   <dd>SUBACK is sent after the router's answer. The router pushes every message that it routes
 *       after the answer. Every message that it routed before lies at or below the head in the
 *       answer. The connector reads the timeline up to that head and waits for the timeline's
 *       watermark. Every further answer is such a check, so records lost with a router are found.
 *       Every feed is announced again from time to time, so a location that the router's table lost
 *       comes back. Kept by {@link io.pabal.connector.session.SubscribeOperation}, {@link
 *       io.pabal.connector.delivery.DeliveryConsumer} and {@link
 *       io.pabal.sessioncache.timeline.TimelineReader}. The router's processor documents the
 *       router's half.
 *   <dt>I2. On one connection the positions of a feed only rise: no message is out of order and
 *       none is sent twice, unless an operator rewinds the session (I13).
 *   <dd>A live feed receives pushed messages. A feed that is behind receives messages read from the
 *       timeline or from Kafka. No feed receives both at once. {@link
 *       io.pabal.connector.session.CatchUp} explains why the two join without a gap. {@link
 *       io.pabal.connector.session.SessionFeed} defines {@code sent}.
 *   <dt>I3. A session receives no message outside its subscriptions, and none at a higher QoS than
 *       was granted.
 *   <dd>A feed's messages are matched with the session's subscriptions on the event loop that
 *       sends, and a subscription is removed there, before the UNSUBACK.
 *   <dt>I4. A cursor never passes an unacknowledged message.
 *   <dd>{@link io.pabal.connector.session.InFlightWindow} reports acknowledgements to a feed in the
 *       order of sending only. A message that needs no acknowledgement moves the cursor only while
 *       no delivery of its feed is in flight.
 *   <dt>I5. A message that the cursor covers is not sent again, unless an operator rewinds the
 *       session.
 *   <dd>{@code sent} begins at the cursor that the claim returned, and I2 does the rest. So a crash
 *       repeats at most the messages acknowledged after the last checkpoint.
 *   <dt>I6. A connection that ends in good order stores its cursors.
 *   <dd>{@link io.pabal.connector.session.Session#end} writes the cursors in the step that releases
 *       the claim. On the same connector the next claim waits for that step ({@link
 *       io.pabal.connector.session.SessionTable#claim}), and a claim on another connector waits for
 *       it for a bounded time ({@link io.pabal.connector.session.TakeOver}).
 *   <dt>I7. Only the newest claim writes, and cursors never fall.
 *   <dd>An operator may set back the cursors of a session that has no owner: {@link
 *       io.pabal.sessioncache.session.SessionDirectory#setBack}. Every write names its epoch and
 *       Redis compares the epoch in the step that writes: {@link
 *       io.pabal.sessioncache.session.SessionStore}. An owner that was frozen writes nothing when
 *       it wakes up. Its late removals of locations name an incarnation and an activation that are
 *       no longer in use.
 *   <dt>I8. Session Present matches the stored session: 1 with all acknowledged subscriptions, 0
 *       with none.
 *   <dd>A subscription is stored before its SUBACK and removed before its UNSUBACK. The claim reads
 *       the subscriptions in the step that fences the previous owner.
 *   <dt>I9. A new subscription begins after the positions that its connector has seen of the feed.
 *   <dd>The seen position never falls. {@link io.pabal.connector.delivery.Feed} explains why a
 *       record at or below it may be dropped, and why the activation number is part of that
 *       argument.
 *   <dt>I10. A gap is reported when messages may be missing, and only then.
 *   <dd>Each timeline page says whether the timeline reached back far enough. Positions that the
 *       timeline lacks are read from Kafka ({@link io.pabal.connector.session.HistoryCatchUp}).
 *       Only positions that Kafka lacks too are a gap.
 *   <dt>I11. Unacknowledged deliveries stay within Receive Maximum.
 *   <dd>A message that does not fit into the window is read later; none waits in memory for room in
 *       the window.
 *   <dt>I12. The system converges: once all processes run again, every request is answered and
 *       every owed message is delivered.
 *   <dd>An unanswered location is written again, and a failed read is tried again. No step waits
 *       for an event that may never happen.
 *   <dt>I13. A rewind sends a range again, in order, then the newer messages, in order. No message
 *       is lost by it.
 *   <dd>A repeat has a read position of its own, so it does not move {@code sent}. It ends at
 *       {@code sent} at the latest. Its deliveries are in flight for no feed, so their
 *       acknowledgements move no cursor: {@link io.pabal.connector.session.SessionFeed}. Messages
 *       of the range that neither the timeline nor Kafka has are not sent, and no gap is reported
 *       for them. A rewind that arrives during a repeat is merged with the rest of the repeat into
 *       one range: {@link io.pabal.connector.session.Repeat}. A feed whose subscriptions are all at
 *       QoS 0 is not rewound. The rest of a repeat ends with the connection.
 * </dl>
 *
 * <p>The tests' model checks exactly these invariants, by their numbers, in random histories.
 */
@NullMarked
package io.pabal.connector.session;

import org.jspecify.annotations.NullMarked;
