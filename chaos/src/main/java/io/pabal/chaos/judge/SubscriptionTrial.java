// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event.Appended;
import io.pabal.chaos.history.Event.Arrived;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What one client is owed of one address, and what it got, over all its subscriptions to it.
 *
 * <pre>
 *            SUBSCRIBE sent          SUBACK
 *   NONE ─────────────────► ASKED ────────► OWED ─┐ UNSUBSCRIBE sent, or clean start asked for
 *    ▲                       ▲ │ ▲                ▼
 *    │ session not present   └─┘ └──────────── LEAVING
 *   any                   sent again
 * </pre>
 *
 * <p><b>Owed</b> is, once the SUBACK has come, what was certainly appended after it (see {@link
 * AddressLog#firstAfter}), and everything behind the first message that arrived after it: a
 * subscription begins somewhere and from there has no hole. Owed until the end of the log; for a
 * client that unsubscribed, which may be sent nothing more from then on, until the last message
 * that did arrive.
 *
 * <p><b>Order.</b> On one connection positions only grow. Over connections, what arrives for the
 * first time only grows: the connections of a session each bring a run without holes that begins at
 * or before the first message not acknowledged, so this also holds for two that overlap in a
 * takeover, in whatever order the client gets to see them.
 *
 * <p>A new subscription begins at the router's position, which for a router that starts over may
 * lie before what an earlier subscription of the client got; so each SUBSCRIBE that is not a
 * repetition begins the order anew, and what arrives a second time is still a duplicate.
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

  /** The client does not want the subscription any more. */
  void leaving() {
    if (phase == Phase.OWED) {
      judgeUntil(highest);
    }
    if (phase != Phase.NONE) {
      phase = Phase.LEAVING;
    }
  }

  /**
   * The session is gone.
   *
   * @param excused whether what had been owed until {@code atMillis} need not come any more
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
   * Takes note of an arrival; true when it is the first of a message that is owed for its
   * timestamp.
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

  /** To be called at the end. */
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
