// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import java.util.Locale;

/**
 * One broken promise.
 *
 * @param kind which promise
 * @param atMillis when it showed, milliseconds since 1970 UTC; 0: at the end
 * @param detail client, address, position and whatever else is needed to look into it
 */
public record Violation(Kind kind, long atMillis, String detail) {

  /** The promises, by how they are broken. */
  public enum Kind {
    /** A publisher got a PUBACK for a packet that is not in {@code messages}. */
    ACKNOWLEDGED_NOT_STORED,
    /** One packet stands in {@code messages} twice. */
    STORED_TWICE,
    /** A record of {@code messages} is none that a publisher sent to that address. */
    STORED_NOT_SENT,
    /** A publisher's message stands behind a later one of the same publisher and address. */
    STORED_OUT_OF_SEQUENCE,
    /** A subscriber was owed a message and never got it, and no gap was reported. */
    LOST,
    /** A message arrived for the first time after one with a higher position. */
    REORDERED,
    /** A message arrived again on the connection on which it, or a later one, had arrived. */
    REPEATED,
    /** A message arrived that is not in {@code messages}, or not at that address. */
    ARRIVED_NOT_STORED,
    /** A message arrived with another position than the one at which it is stored. */
    POSITION_DIFFERS,
    /** A message arrived in a session that never asked for its address. */
    NOT_SUBSCRIBED,
    /** A session that was to be kept was not present, and Redis had not been flushed. */
    SESSION_FORGOTTEN,
    /** A session was present where none could be. */
    SESSION_NOT_ENDED;

    /** The kind in figures and messages, such as {@code stored-twice}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
