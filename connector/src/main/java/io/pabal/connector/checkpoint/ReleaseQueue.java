// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.checkpoint;

import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionKeys;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Releases that wait, by bucket; the bucket whose turn is longest ago is first. Thread-safe. */
final class ReleaseQueue {

  private final List<@Nullable Queue<Release>> buckets =
      new ArrayList<>(java.util.Collections.nCopies(SessionKeys.BUCKETS, null));

  /** The buckets that have releases. */
  private final ArrayDeque<Integer> order = new ArrayDeque<>();

  private int size;

  /** A release and its result. */
  record Release(ProgressWrite write, CompletableFuture<FenceResult> result) {}

  synchronized CompletionStage<FenceResult> add(ProgressWrite write) {
    Release release = new Release(write, new CompletableFuture<>());
    int bucket = SessionKeys.bucket(write.claim().clientId());
    Queue<Release> queue = buckets.get(bucket);
    if (queue == null) {
      queue = new ArrayDeque<>(1);
      buckets.set(bucket, queue);
      order.add(bucket);
    }
    queue.add(release);
    size++;
    return release.result();
  }

  /** Up to {@code max} releases of one bucket; none when nothing waits. */
  synchronized List<Release> take(int max) {
    Integer bucket = order.poll();
    if (bucket == null) {
      return List.of();
    }
    Queue<Release> queue = buckets.get(bucket);
    List<Release> taken = new ArrayList<>();
    while (queue != null && !queue.isEmpty() && taken.size() < max) {
      taken.add(queue.remove());
    }
    if (queue == null || queue.isEmpty()) {
      buckets.set(bucket, null);
    } else {
      order.add(bucket);
    }
    size -= taken.size();
    return taken;
  }

  synchronized int size() {
    return size;
  }

  /** Completes releases with the results of their script, or with the failure. */
  static void complete(
      List<Release> released,
      @Nullable List<Optional<FenceResult>> results,
      @Nullable Throwable failure) {
    for (int i = 0; i < released.size(); i++) {
      CompletableFuture<FenceResult> result = released.get(i).result();
      if (results != null && results.get(i).isPresent()) {
        result.complete(results.get(i).get());
      } else {
        result.completeExceptionally(
            failure != null
                ? failure
                : new IllegalStateException(
                    "session %s: its key holds something else (expected: a hash)"
                        .formatted(released.get(i).write().claim().clientId())));
      }
    }
  }
}
