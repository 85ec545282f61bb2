// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import java.util.List;

/**
 * A run of messages of one address, oldest first.
 *
 * @param entries the messages
 * @param complete whether this is all up to the offset that was asked for
 * @param gapPossible whether messages before the first entry (without entries: any up to the offset
 *     that was asked for) may have left the timeline. Between the entries nothing is ever missing
 */
public record TimelinePage(List<TimelineEntry> entries, boolean complete, boolean gapPossible) {

  static final TimelinePage EMPTY = new TimelinePage(List.of(), true, false);
}
