// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;

/**
 * How far a session has come at one moment.
 *
 * @param cursors the cursors that may have moved
 * @param inFlight all that was sent and lies beyond its address's cursor, in the order it was sent
 */
public record Progress(List<StoredCursor> cursors, List<StoredDelivery> inFlight) {

  /** Nothing moved, and nothing is in flight. */
  public static final Progress NONE = new Progress(List.of(), List.of());

  /** These cursors, and nothing in flight. */
  public static Progress of(StoredCursor... cursors) {
    return new Progress(List.of(cursors), List.of());
  }
}
