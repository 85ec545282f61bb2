// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.pabal.bench.redis.RedisLoad;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Checkpoints of sessions, each with one cursor that moved. As a connector does, it writes the
 * sessions of a bucket together, at most {@value #TOGETHER_MAX} in one script.
 */
public final class CheckpointLoad implements RedisLoad {

  private static final String PREFIX = "bench-";
  private static final int EXPIRY_SECONDS = 3_600;
  private static final int AT_ONCE = 1_000;
  private static final int TOGETHER_MAX = 64;
  private static final int PARTITIONS = 12;

  private final SessionCache cache;
  private final List<SessionClaim> claims = new ArrayList<>();
  private int next;
  private long cursor;

  private CheckpointLoad(SessionCache cache) {
    this.cache = cache;
  }

  /** Stores {@code sessions} sessions, each subscribed to an address of its own. Blocks. */
  public static CheckpointLoad start(URI redis, int sessions) {
    var load = new CheckpointLoad(SessionCache.connect(SessionCacheConfig.of(redis), PARTITIONS));
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
          .putFeeds(claim.session(), List.of(new StoredFeed(address(i), 1, 0)))
          .toCompletableFuture()
          .join();
    }
    load.claims.sort(Comparator.comparingInt(claim -> SessionKeys.bucket(claim.clientId())));
    return load;
  }

  @Override
  public String unit() {
    return "checkpoints";
  }

  /** Writes the cursors of the next sessions, without waiting for one before the next. */
  @Override
  public int run() {
    List<CompletableFuture<List<Optional<FenceResult>>>> results = new ArrayList<>();
    List<ProgressWrite> together = new ArrayList<>(TOGETHER_MAX);
    int bucket = -1;
    for (int i = 0; i < AT_ONCE; i++) {
      int write = next / claims.size();
      SessionClaim claim = claims.get(next++ % claims.size()).forWrite(write, write + 1);
      int own = SessionKeys.bucket(claim.clientId());
      if (!together.isEmpty() && (own != bucket || together.size() == TOGETHER_MAX)) {
        results.add(write(together));
        together = new ArrayList<>(TOGETHER_MAX);
      }
      bucket = own;
      String address = address(Integer.parseInt(claim.clientId().substring(PREFIX.length())));
      together.add(
          ProgressWrite.checkpoint(claim, SessionProgress.of(new StoredCursor(address, ++cursor))));
    }
    results.add(write(together));
    for (CompletableFuture<List<Optional<FenceResult>>> result : results) {
      for (Optional<FenceResult> each : result.join()) {
        if (!each.equals(Optional.of(FenceResult.APPLIED))) {
          throw new IllegalStateException("a checkpoint was not applied: " + each);
        }
      }
    }
    return AT_ONCE;
  }

  private CompletableFuture<List<Optional<FenceResult>>> write(List<ProgressWrite> together) {
    return cache.sessions().write(together).toCompletableFuture();
  }

  @Override
  public void close() {
    cache.close();
  }

  private static String clientId(int session) {
    return PREFIX + session;
  }

  private static String address(int session) {
    return "users/" + session;
  }
}
