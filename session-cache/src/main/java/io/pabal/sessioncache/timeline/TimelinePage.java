// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import java.util.List;

/**
 * Consecutive messages of one feed, oldest first.
 *
 * @param entries the messages
 * @param complete whether the page reaches the requested offset
 * @param gapThrough the offset up to which messages may be missing from the timeline; -1: none.
 *     From there to the requested offset no message is missing
 */
public record TimelinePage(List<TimelineEntry> entries, boolean complete, long gapThrough) {

  static final TimelinePage EMPTY = new TimelinePage(List.of(), true, -1);

  /** Whether messages may be missing from the timeline. */
  public boolean gapPossible() {
    return gapThrough >= 0;
  }
}
