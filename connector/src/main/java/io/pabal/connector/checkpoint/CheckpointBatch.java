// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.checkpoint;

import io.pabal.connector.loop.LoopContext;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.telemetry.FatalError;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of some sessions of one bucket. Each event loop gathers the progress of its
 * sessions in one task; the last of them sends the script; and each event loop hands the results to
 * its sessions in one task.
 */
final class CheckpointBatch {

  private static final Logger log = LoggerFactory.getLogger(CheckpointBatch.class);

  private final List<Checkpointed> sessions;
  private final @Nullable ProgressWrite[] writes;
  private final Set<LoopContext> loops = new LinkedHashSet<>();
  private final AtomicInteger gathering;
  private final SessionStore store;
  private final Ended ended;

  /** Told once when a batch has ended. Any thread. */
  interface Ended {
    /**
     * The batch has ended.
     *
     * @param sent the sessions that had progress to store
     * @param nanos the time from sending to the reply; 0 when nothing was sent
     * @param failure why there is no reply
     */
    void ended(int sent, long nanos, @Nullable Throwable failure);
  }

  CheckpointBatch(List<Checkpointed> sessions, SessionStore store, Ended ended) {
    this.sessions = sessions;
    this.writes = new ProgressWrite[sessions.size()];
    this.store = store;
    this.ended = ended;
    sessions.forEach(each -> loops.add(each.loop()));
    this.gathering = new AtomicInteger(loops.size());
  }

  /** Starts to gather. Any thread. */
  void start() {
    for (LoopContext loop : loops) {
      try {
        loop.eventLoop().execute(() -> gather(loop));
      } catch (RejectedExecutionException e) {
        log.debug("event loop has ended, its sessions have no checkpoint loop={}", loop.index());
        gathered();
      }
    }
  }

  private void gather(LoopContext loop) {
    for (int i = 0; i < writes.length; i++) {
      Checkpointed session = sessions.get(i);
      if (session.loop() == loop) {
        try {
          writes[i] = session.takeProgress();
        } catch (Throwable e) {
          failed(session, e);
        }
      }
    }
    gathered();
  }

  private void gathered() {
    if (gathering.decrementAndGet() == 0) {
      send();
    }
  }

  private void send() {
    List<ProgressWrite> present = new ArrayList<>(writes.length);
    for (ProgressWrite each : writes) {
      if (each != null) {
        present.add(each);
      }
    }
    if (present.isEmpty()) {
      ended.ended(0, 0, null);
      return;
    }
    long sentNanos = System.nanoTime();
    try {
      store
          .write(present)
          .whenComplete(
              (results, failure) -> {
                ended.ended(present.size(), System.nanoTime() - sentNanos, failure);
                handOut(results, failure);
              });
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      ended.ended(present.size(), 0, e);
      handOut(null, e);
    }
  }

  private void handOut(@Nullable List<Optional<FenceResult>> results, @Nullable Throwable failure) {
    for (LoopContext loop : loops) {
      try {
        loop.eventLoop().execute(() -> handOut(loop, results, failure));
      } catch (RejectedExecutionException e) {
        log.debug("event loop has ended, nothing left to do loop={}", loop.index());
      }
    }
  }

  private void handOut(
      LoopContext loop,
      @Nullable List<Optional<FenceResult>> results,
      @Nullable Throwable failure) {
    int next = 0;
    for (int i = 0; i < writes.length; i++) {
      if (writes[i] == null) {
        continue;
      }
      FenceResult result = results == null ? null : results.get(next++).orElse(null);
      Checkpointed session = sessions.get(i);
      if (session.loop() == loop) {
        try {
          session.checkpointEnded(result, failure);
        } catch (Throwable e) {
          failed(session, e);
        }
      }
    }
  }

  /** A session that fails ends its own connection. The remaining sessions have to go on. */
  private static void failed(Checkpointed session, Throwable cause) {
    LoopContext loop = session.loop();
    var _ = loop.caught(cause);
    try {
      session.failed(cause);
    } catch (Throwable e) {
      var _ = loop.caught(e);
      log.error("not ended in good order loop={}", loop.index(), e);
    }
  }
}
