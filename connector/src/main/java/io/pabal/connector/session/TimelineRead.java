// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.timeline.TimelinePage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One read of a timeline page, and the sessions that wait for it. Thread-safe. */
final class TimelineRead {

  private final long after;
  private final long through;
  private final int countMax;

  /** In the order in which they came; null: the read is done. Guarded by this. */
  private @Nullable List<BiConsumer<@Nullable SharedPage, @Nullable Throwable>> waiting =
      new ArrayList<>(1);

  /** What the read brought: one of the two when it is done. Guarded by this. */
  private @Nullable SharedPage page;

  private @Nullable Throwable error;

  TimelineRead(long after, long through, int countMax) {
    this.after = after;
    this.through = through;
    this.countMax = countMax;
  }

  /** The offset up to which the page was requested. */
  long through() {
    return through;
  }

  /** Whether the page is certain to advance a session that is at {@code position}. */
  boolean brings(long position) {
    return after <= position && position < after + countMax && position < through;
  }

  /**
   * Calls {@code action} with the page or the error: at once when the read is done, otherwise on
   * the thread that completes it. Must not block.
   */
  void whenDone(BiConsumer<@Nullable SharedPage, @Nullable Throwable> action) {
    synchronized (this) {
      if (waiting != null) {
        waiting.add(action);
        return;
      }
    }
    action.accept(page, error);
  }

  /** Notes the result, and hands it to everybody who waits. Called once. */
  void complete(@Nullable TimelinePage read, @Nullable Throwable failure) {
    List<BiConsumer<@Nullable SharedPage, @Nullable Throwable>> all;
    synchronized (this) {
      page = read == null ? null : new SharedPage(read);
      error = failure;
      all = waiting == null ? List.of() : waiting;
      waiting = null;
    }
    all.forEach(each -> each.accept(page, error));
  }
}
