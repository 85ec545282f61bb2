// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import java.util.List;

/**
 * A run of messages of one address, oldest first.
 *
 * @param entries the messages
 * @param complete whether this is all up to the offset that was asked for
 * @param gapThrough messages up to this offset may have left the timeline; -1: none has. Beyond it,
 *     between the entries and up to the offset that was asked for, nothing is missing
 */
public record TimelinePage(List<TimelineEntry> entries, boolean complete, long gapThrough) {

  static final TimelinePage EMPTY = new TimelinePage(List.of(), true, -1);

  /** Whether messages may have left the timeline. */
  public boolean gapPossible() {
    return gapThrough >= 0;
  }
}
