// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;

/**
 * The progress of a session at one moment.
 *
 * @param cursors the cursors that may have moved
 * @param inFlight all deliveries beyond the cursor of their address, in the order of sending
 */
public record Progress(List<StoredCursor> cursors, List<StoredDelivery> inFlight) {

  /** No cursor moved, and no delivery is in flight. */
  public static final Progress NONE = new Progress(List.of(), List.of());

  /** These cursors, and no delivery in flight. */
  public static Progress of(StoredCursor... cursors) {
    return new Progress(List.of(cursors), List.of());
  }
}
