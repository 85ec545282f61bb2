// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.SessionStore;

/** Claims of stored sessions with one feed each, as when their clients come back. */
final class ClaimLoad implements RedisLoad {

  private static final int IN_FLIGHT_MAX = 100;
  private static final int CLAIMS = 1_000;

  private final SessionStore store;
  private final StoredSessions sessions;

  ClaimLoad(SessionStore store, StoredSessions sessions) {
    this.store = store;
    this.sessions = sessions;
  }

  @Override
  public String unit() {
    return "claims";
  }

  @Override
  public int perScript() {
    return 1;
  }

  @Override
  public int run() throws InterruptedException {
    InFlight calls = new InFlight(IN_FLIGHT_MAX);
    for (int i = 0; i < CLAIMS; i++) {
      String clientId = sessions.nextClientId();
      calls.add(() -> store.claim(StoredSessions.request(clientId)).thenAccept(ClaimLoad::check));
    }
    calls.await();
    return CLAIMS;
  }

  private static void check(Claim claim) {
    if (!claim.sessionPresent() || claim.feeds().size() != 1) {
      throw new IllegalStateException(
          "claim: %s (expected: a session with a feed)".formatted(claim));
    }
  }
}
