// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Appended;
import io.pabal.chaos.history.Event.Arrived;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The messages of one address that one client is owed, and those that it got, over all of its
 * subscriptions to the address.
 *
 * <pre>
 *            SUBSCRIBE sent          SUBACK
 *   NONE ─────────────────► ASKED ────────► OWED ─┐ UNSUBSCRIBE sent, or clean start asked for
 *    ▲                       ▲ │ ▲                ▼
 *    │ session not present   └─┘ └──────────── LEAVING
 *   any                   sent again
 * </pre>
 *
 * <p><b>Owed.</b> After the SUBACK, the client is owed the messages that were certainly appended
 * after it (see {@link AddressLog#firstAfter}), and all messages behind the first message that
 * arrived after the SUBACK: a subscription begins at some position and is complete from there on.
 * The client is owed messages until the end of the log. After an UNSUBSCRIBE, the server may send
 * no more messages, so the client is owed messages only until the last message that arrived.
 *
 * <p><b>Order.</b> On one connection, positions only increase. Over all connections, the positions
 * of first arrivals only increase. Each connection of a session delivers consecutive messages,
 * beginning at or before the first unacknowledged message. So the order of first arrivals also
 * holds for two connections that overlap in a takeover, in any order in which the client gets their
 * packets.
 *
 * <p>A new subscription begins at the router's position. For a router that starts over, this
 * position may be before messages that an earlier subscription of the client got. So each SUBSCRIBE
 * that is not a repetition starts a new order. A message that arrives for the second time still
 * counts as a duplicate.
 */
final class SubscriptionTrial {

  private enum Phase {
    NONE,
    ASKED,
    OWED,
    LEAVING
  }

  private final String client;
  private final AddressLog log;
  private final Gaps gaps;
  private final Findings findings;

  private final BitSet arrived = new BitSet();
  private final Map<Integer, Integer> lastOfConnection = new HashMap<>();
  private Phase phase = Phase.NONE;
  private int askedOn;
  private long subAckMillis;
  private int lowestSinceSubAck;
  private int highest;

  SubscriptionTrial(String client, AddressLog log, Gaps gaps, Findings findings) {
    this.client = client;
    this.log = log;
    this.gaps = gaps;
    this.findings = findings;
  }

  void subscribing(int connection) {
    if (phase != Phase.OWED) {
      phase = Phase.ASKED;
      askedOn = connection;
      highest = -1;
      lastOfConnection.clear();
    }
  }

  void subscribed(long atMillis) {
    if (phase == Phase.ASKED) {
      phase = Phase.OWED;
      subAckMillis = atMillis;
      lowestSinceSubAck = Integer.MAX_VALUE;
    }
  }

  /** The client is about to end the subscription, by an UNSUBSCRIBE or a Clean Start. */
  void leaving() {
    if (phase == Phase.OWED) {
      judgeUntil(highest);
    }
    if (phase != Phase.NONE) {
      phase = Phase.LEAVING;
    }
  }

  /**
   * The session was not present at a CONNACK.
   *
   * @param excused whether the loss of the session, and so of the messages owed until {@code
   *     atMillis}, has an accepted reason
   */
  void forgotten(long atMillis, boolean excused) {
    if (phase == Phase.OWED) {
      judgeUntil(highest);
      for (int i = Math.max(highest + 1, firstOwed()); i < log.size(); i++) {
        if (log.get(i).atMillis() < atMillis && !arrived.get(i)) {
          if (excused) {
            findings.excused++;
          } else {
            missing(i);
          }
        }
      }
    }
    phase = Phase.NONE;
  }

  boolean isWanted() {
    return phase != Phase.NONE;
  }

  /**
   * Records and checks an arrival. Returns whether it is the first arrival of a message that is
   * owed because of its timestamp.
   */
  boolean arrived(Arrived event, int index) {
    Integer last = lastOfConnection.get(event.connection());
    boolean first = !arrived.get(index);
    if (last != null && index <= last) {
      findings.violated(
          first ? Violation.Kind.REORDERED : Violation.Kind.REPEATED,
          event.atMillis(),
          describe(event, index) + " after " + log.get(last).position() + " on one connection");
    } else {
      lastOfConnection.put(event.connection(), index);
      if (first && event.connection() >= askedOn && index < highest) {
        findings.violated(
            Violation.Kind.REORDERED,
            event.atMillis(),
            describe(event, index) + " for the first time, after " + log.get(highest).position());
      }
    }
    if (event.connection() >= askedOn) {
      highest = Math.max(highest, index);
      if (phase == Phase.OWED) {
        lowestSinceSubAck = Math.min(lowestSinceSubAck, index);
      }
    }
    if (!first) {
      findings.duplicates++;
      return false;
    }
    findings.delivered++;
    arrived.set(index);
    return phase == Phase.OWED && log.get(index).atMillis() > subAckMillis;
  }

  /** Checks the messages until the end of the log. Must be called after all events. */
  void judge() {
    if (phase == Phase.OWED) {
      judgeUntil(log.size() - 1);
    }
  }

  private int firstOwed() {
    return Math.min(lowestSinceSubAck, log.firstAfter(subAckMillis));
  }

  private void judgeUntil(int last) {
    int from = firstOwed();
    for (int i = arrived.nextClearBit(from); i <= last; i = arrived.nextClearBit(i + 1)) {
      missing(i);
    }
  }

  private void missing(int index) {
    Appended message = log.get(index);
    if (gaps.cover(client, log.address, message.position())) {
      findings.excused++;
    } else {
      findings.violated(
          Violation.Kind.LOST,
          message.atMillis(),
          "%s of %s for %s: packet %s; subscribed at %d; arrived before: %s, behind: %s"
              .formatted(
                  message.position(),
                  log.address,
                  client,
                  message.packet(),
                  subAckMillis,
                  position(arrived.previousSetBit(index)),
                  position(arrived.nextSetBit(index))));
    }
  }

  private String position(int index) {
    return index < 0 ? "none" : log.get(index).position().toString();
  }

  private String describe(Arrived event, int index) {
    return "%s of %s for %s on connection %d: packet %s"
        .formatted(
            log.get(index).position(), log.address, client, event.connection(), event.packet());
  }
}
