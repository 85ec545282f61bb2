// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionStore;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints of sessions, each with one cursor that moved. As in a connector, sessions of a bucket
 * share a script, and at most {@value #SCRIPTS_IN_FLIGHT} scripts are in flight.
 */
final class CheckpointLoad implements RedisLoad {

  private static final int SCRIPTS_IN_FLIGHT = 8;
  private static final int SCRIPTS = 200;

  private final SessionStore store;
  private final StoredSessions sessions;
  private final int perScript;

  CheckpointLoad(SessionStore store, StoredSessions sessions, int perScript) {
    this.store = store;
    this.sessions = sessions;
    this.perScript = perScript;
  }

  @Override
  public String unit() {
    return "checkpoints";
  }

  @Override
  public int perScript() {
    return perScript;
  }

  @Override
  public int run() throws InterruptedException {
    InFlight calls = new InFlight(SCRIPTS_IN_FLIGHT);
    int checkpoints = 0;
    for (int i = 0; i < SCRIPTS; i++) {
      List<ProgressWrite> writes = sessions.nextCheckpoints(perScript);
      checkpoints += writes.size();
      calls.add(() -> store.write(writes).thenAccept(CheckpointLoad::check));
    }
    calls.await();
    return checkpoints;
  }

  private static void check(List<Optional<FenceResult>> results) {
    for (Optional<FenceResult> result : results) {
      if (!result.equals(Optional.of(FenceResult.APPLIED))) {
        throw new IllegalStateException("checkpoint: %s (expected: APPLIED)".formatted(result));
      }
    }
  }
}
