// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.checkpoint;

import io.pabal.bench.process.ProcessCost;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredCursor;
import io.pabal.sessioncache.session.StoredFeed;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of many sessions in a Redis of its own, by scripts of several sizes. Few scripts are
 * under way at a time, as in a connector.
 */
public final class CheckpointBench {

  private static final int UNDER_WAY_MAX = 8;
  private static final int PREPARING_MAX = 500;
  private static final long EXPIRY_SECONDS = 3_600;
  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(1);

  private final CheckpointPlan plan;
  private final Consumer<String> progress;

  /** The cursor of the next checkpoints: each is higher than the stored one. */
  private long cursor;

  /**
   * A measurement.
   *
   * @param progress is told what is being done
   */
  public CheckpointBench(CheckpointPlan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Measures. Blocks for little more than the planned time. */
  public CheckpointReport run() throws Exception {
    Files.createDirectories(plan.directory());
    try (EmbeddedRedis redis = EmbeddedRedis.start(plan.directory(), 0);
        RedisServer server = RedisServer.at(redis.uri(), COMMAND_TIMEOUT)) {
      SessionStore store = new SessionStore(server.connect(), server.connect());
      progress.accept("claiming %,d sessions".formatted(plan.sessions()));
      List<List<SessionClaim>> buckets = claim(store);
      List<CheckpointReport.Size> sizes = new ArrayList<>();
      for (int round = 0; round <= plan.rounds(); round++) {
        for (int size : plan.sizes()) {
          CheckpointReport.Size measured = measure(store, redis.pid(), buckets, size);
          if (round > 0) { // the first warms up
            sizes.add(measured);
            progress.accept("%d of %d: %s".formatted(round, plan.rounds(), measured));
          }
        }
      }
      return new CheckpointReport(plan.sessions(), sizes);
    }
  }

  /** Sessions with one subscription each, by bucket. */
  private List<List<SessionClaim>> claim(SessionStore store) throws InterruptedException {
    List<SessionClaim> claims = new ArrayList<>(plan.sessions());
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Semaphore room = new Semaphore(PREPARING_MAX);
    for (int i = 0; i < plan.sessions(); i++) {
      room.acquire();
      String clientId = "session-" + i;
      var _ =
          begin(store, clientId)
              .whenComplete(
                  (claim, error) -> {
                    if (error != null) {
                      failure.set(error);
                    } else {
                      synchronized (claims) {
                        claims.add(claim);
                      }
                    }
                    room.release();
                  });
    }
    room.acquire(PREPARING_MAX);
    rethrow(failure.get());
    return List.copyOf(
        claims.stream()
            .collect(Collectors.groupingBy(each -> SessionKeys.bucket(each.clientId())))
            .values());
  }

  private static CompletionStage<SessionClaim> begin(SessionStore store, String clientId) {
    return store
        .claim(new ClaimRequest(clientId, "c1", 1, true, EXPIRY_SECONDS))
        .thenCompose(
            claim ->
                store
                    .begin(claim.session(), EXPIRY_SECONDS)
                    .thenCompose(
                        begun ->
                            store.putFeeds(
                                claim.session(), List.of(new StoredFeed(feed(clientId), 1, 0))))
                    .thenApply(stored -> claim.session()));
  }

  private CheckpointReport.Size measure(
      SessionStore store, long pid, List<List<SessionClaim>> buckets, int size)
      throws InterruptedException {
    AtomicLong checkpoints = new AtomicLong();
    AtomicLong scripts = new AtomicLong();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Semaphore room = new Semaphore(UNDER_WAY_MAX);
    long cpuBefore = ProcessCost.cpuNanos(List.of(pid));
    long begunNanos = System.nanoTime();
    long untilNanos = begunNanos + TimeUnit.SECONDS.toNanos(plan.seconds());
    while (System.nanoTime() - untilNanos < 0) {
      cursor++;
      for (List<SessionClaim> bucket : buckets) {
        for (int i = 0; i < bucket.size(); i += size) {
          List<ProgressWrite> writes = writes(bucket.subList(i, Math.min(i + size, bucket.size())));
          room.acquire();
          store
              .write(writes)
              .whenComplete(
                  (results, error) -> {
                    room.release();
                    scripts.incrementAndGet();
                    if (error != null) {
                      failure.set(error);
                    } else {
                      checkpoints.addAndGet(
                          results.stream()
                              .filter(each -> each.orElse(null) == FenceResult.APPLIED)
                              .count());
                    }
                  });
        }
      }
    }
    room.acquire(UNDER_WAY_MAX);
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    double cpuSeconds = (ProcessCost.cpuNanos(List.of(pid)) - cpuBefore) / 1e9;
    rethrow(failure.get());
    return new CheckpointReport.Size(size, checkpoints.get(), scripts.get(), seconds, cpuSeconds);
  }

  private List<ProgressWrite> writes(List<SessionClaim> claims) {
    int write = Math.toIntExact(cursor);
    return claims.stream()
        .map(
            each ->
                ProgressWrite.checkpoint(
                    each.forWrite(write - 1, write),
                    SessionProgress.of(new StoredCursor(feed(each.clientId()), cursor))))
        .toList();
  }

  private static String feed(String clientId) {
    return "users/" + clientId;
  }

  private static void rethrow(@Nullable Throwable failure) {
    if (failure != null) {
      throw new IllegalStateException("Redis did not answer: " + failure.getMessage(), failure);
    }
  }
}
