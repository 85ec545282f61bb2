// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.Locale;

/**
 * One broken promise.
 *
 * @param kind the broken promise
 * @param atMillis the time of the event that breaks the promise, in milliseconds since 1970 UTC
 * @param detail client, address, position and other facts for an investigation
 */
public record Violation(Kind kind, long atMillis, String detail) {

  /** The ways in which promises are broken. */
  public enum Kind {
    /** A publisher got a PUBACK for a packet that is not in {@code messages}. */
    ACKNOWLEDGED_NOT_STORED,
    /** One packet is stored twice in {@code messages}. */
    STORED_TWICE,
    /** A record of {@code messages} contains no packet that a publisher sent to its address. */
    STORED_NOT_SENT,
    /** A publisher's message is stored behind a later message of its publisher and address. */
    STORED_OUT_OF_SEQUENCE,
    /** A subscriber never got a message that it was owed, and no gap was reported for it. */
    LOST,
    /** A message arrived for the first time after a message with a higher position. */
    REORDERED,
    /** A message arrived again on a connection after itself or a later message. */
    REPEATED,
    /** A message arrived that is not in {@code messages}, or is there at another address. */
    ARRIVED_NOT_STORED,
    /** A message arrived with a position other than that of its record. */
    POSITION_DIFFERS,
    /** A message arrived in a session that never subscribed to its address. */
    NOT_SUBSCRIBED,
    /** A session was not present, without an accepted reason such as a flush of Redis. */
    SESSION_FORGOTTEN,
    /** A session was present on a client's first connection or after a Clean Start. */
    SESSION_NOT_ENDED;

    /** The kind in figures and messages, such as {@code stored-twice}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
