// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.pabal.bench.redis.RedisLoad;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Checkpoints of sessions, each with one cursor that moved. */
public final class CheckpointLoad implements RedisLoad {

  private static final int EXPIRY_SECONDS = 3_600;
  private static final int AT_ONCE = 1_000;

  private final SessionCache cache;
  private final List<SessionClaim> claims = new ArrayList<>();
  private int next;
  private long cursor;

  private CheckpointLoad(SessionCache cache) {
    this.cache = cache;
  }

  /** Stores {@code sessions} sessions, each subscribed to an address of its own. Blocks. */
  public static CheckpointLoad start(URI redis, int sessions) {
    var load = new CheckpointLoad(SessionCache.connect(SessionCacheConfig.of(redis)));
    SessionStore store = load.cache.sessions();
    for (int i = 0; i < sessions; i++) {
      Claim claim =
          store
              .claim(new ClaimRequest(clientId(i), "bench", 1, true, EXPIRY_SECONDS))
              .toCompletableFuture()
              .join();
      load.claims.add(claim.session());
      store.begin(claim.session(), EXPIRY_SECONDS).toCompletableFuture().join();
      store
          .subscribe(claim.session(), List.of(new StoredSubscription(address(i), 1, 0)))
          .toCompletableFuture()
          .join();
    }
    return load;
  }

  @Override
  public String unit() {
    return "checkpoints";
  }

  /** Writes the cursors of the next sessions, without waiting for one before the next. */
  @Override
  public int run() {
    List<CompletableFuture<FenceResult>> results = new ArrayList<>(AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) {
      int session = next++ % claims.size();
      results.add(
          cache
              .sessions()
              .checkpoint(
                  claims.get(session),
                  SessionProgress.of(new StoredCursor(address(session), ++cursor)))
              .toCompletableFuture());
    }
    for (CompletableFuture<FenceResult> result : results) {
      if (result.join() != FenceResult.APPLIED) {
        throw new IllegalStateException("a checkpoint was not applied: " + result.join());
      }
    }
    return AT_ONCE;
  }

  @Override
  public void close() {
    cache.close();
  }

  private static String clientId(int session) {
    return "bench-" + session;
  }

  private static String address(int session) {
    return "users/" + session;
  }
}
