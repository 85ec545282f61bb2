// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;

/**
 * The progress of a session at one moment.
 *
 * @param cursors the cursors that may have moved
 * @param inFlight all deliveries beyond the cursor of their feed, in the order of sending
 */
public record SessionProgress(List<StoredCursor> cursors, List<StoredDelivery> inFlight) {

  /** No cursor moved, and no delivery is in flight. */
  public static final SessionProgress NONE = new SessionProgress(List.of(), List.of());

  /** These cursors, and no delivery in flight. */
  public static SessionProgress of(StoredCursor... cursors) {
    return new SessionProgress(List.of(cursors), List.of());
  }
}
