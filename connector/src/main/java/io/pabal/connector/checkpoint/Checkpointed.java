// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.checkpoint;

import io.pabal.connector.loop.LoopContext;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import org.jspecify.annotations.Nullable;

/** A session that has progress to store. Called on its event loop only, except {@link #loop}. */
public interface Checkpointed {

  /** The session's event loop. Any thread. */
  LoopContext loop();

  /**
   * The progress to store now; null: none. After a progress that is not null, {@link
   * #checkpointEnded} is called before the next call.
   */
  @Nullable ProgressWrite takeProgress();

  /**
   * The checkpoint has ended.
   *
   * @param result what Redis replied; null: it did not write the progress
   * @param failure why there is no result; null: the session's key holds something else
   */
  void checkpointEnded(@Nullable FenceResult result, @Nullable Throwable failure);

  /** Another method threw: the session's state is unknown, so it has to end. Must not throw. */
  void failed(Throwable cause);
}
