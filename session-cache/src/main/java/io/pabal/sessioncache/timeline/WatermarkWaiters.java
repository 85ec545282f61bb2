// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.telemetry.FatalError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reads that wait for a watermark. One loop polls the watermarks for all of them, while at
 * least one read waits. Thread-safe.
 */
final class WatermarkWaiters {

  private static final Logger log = LoggerFactory.getLogger(WatermarkWaiters.class);

  /** The number of reads that may wait at a time; a further read fails at once. */
  static final int WAITERS_MAX = 65_536;

  private static final long POLL_MILLIS = 3;
  private static final long EXPIRY_SCAN_MILLIS = 100;

  private final RedisLink redis;
  private final ScheduledExecutorService scheduler;
  private final Map<Integer, PriorityQueue<Waiter>> byPartition = new HashMap<>();
  private int count;
  private boolean closed;
  private long nextExpiryScanNanos;
  private String lastReply = "no watermark";

  WatermarkWaiters(RedisLink redis, ScheduledExecutorService scheduler) {
    this.redis = redis;
    this.scheduler = scheduler;
  }

  /**
   * A stage that completes when the watermark of {@code partition} has reached {@code offset}. It
   * fails with a {@link TimelineLagException} at the deadline, on {@link #close}, or at once when
   * {@value #WAITERS_MAX} reads wait already.
   *
   * @param deadlineNanos a time of {@link System#nanoTime}
   */
  CompletionStage<@Nullable Void> await(int partition, long offset, long deadlineNanos) {
    Waiter waiter = new Waiter(partition, offset, deadlineNanos, new CompletableFuture<>());
    String refusal = add(waiter);
    if (refusal != null) {
      waiter.reached.completeExceptionally(new TimelineLagException(refusal));
    }
    return waiter.reached;
  }

  synchronized int count() {
    return count;
  }

  void close() {
    List<Waiter> left = new ArrayList<>();
    synchronized (this) {
      closed = true;
      byPartition.values().forEach(left::addAll);
      byPartition.clear();
      count = 0;
    }
    fail(left, "the session cache was closed");
  }

  private synchronized @Nullable String add(Waiter waiter) {
    if (closed) {
      return "the session cache is closed";
    }
    if (count >= WAITERS_MAX) {
      return "%d reads of timelines wait already (expected: fewer). Try again later; see whether the timeline writer runs."
          .formatted(WAITERS_MAX);
    }
    byPartition
        .computeIfAbsent(
            waiter.partition, p -> new PriorityQueue<>(Comparator.comparingLong(Waiter::offset)))
        .add(waiter);
    count++;
    if (count == 1) {
      nextExpiryScanNanos = System.nanoTime();
      schedulePoll();
    }
    return null;
  }

  /** While reads wait, exactly one poll is scheduled or in progress. */
  private void schedulePoll() {
    try {
      var _ = scheduler.schedule(this::poll, POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      closed = true;
    }
  }

  private void poll() {
    String[] partitions;
    synchronized (this) {
      partitions = byPartition.keySet().stream().map(String::valueOf).toArray(String[]::new);
    }
    if (partitions.length == 0) {
      return;
    }
    try {
      var _ =
          redis
              .hashFields(TimelineKeys.WATERMARKS, partitions)
              .whenComplete((found, failure) -> updateOrLog(partitions, found, failure));
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      updateOrLog(partitions, null, e);
    }
  }

  private void updateOrLog(
      String[] partitions, @Nullable List<Optional<String>> found, @Nullable Throwable failure) {
    try {
      update(partitions, found, failure);
    } catch (Throwable e) {
      // The next poll is scheduled all the same. Reads that are past their deadline fail then.
      FatalError.endProcessIf(e);
      log.warn("watermarks not understood partitions={}", List.of(partitions), e);
    }
  }

  private void update(
      String[] partitions, @Nullable List<Optional<String>> found, @Nullable Throwable failure) {
    List<Waiter> reached = new ArrayList<>();
    List<Waiter> expired = new ArrayList<>();
    String detail;
    synchronized (this) {
      try {
        if (found != null) {
          for (int i = 0; i < partitions.length; i++) {
            takeReached(Integer.parseInt(partitions[i]), watermark(found.get(i)), reached);
          }
          lastReply = "watermarks of partitions " + List.of(partitions) + ": " + found;
        } else {
          lastReply = "Redis failed: " + failure;
        }
        takeExpired(expired);
      } finally {
        // Also after an exception: without a next poll all waiting reads would wait for ever.
        count -= reached.size() + expired.size();
        byPartition.values().removeIf(PriorityQueue::isEmpty);
        detail = lastReply;
        if (count > 0 && !closed) {
          schedulePoll();
        }
      }
    }
    reached.forEach(waiter -> waiter.reached.complete(null));
    fail(expired, detail);
  }

  /** A text that is not a number counts as no watermark; the error of a waiting read quotes it. */
  private static long watermark(Optional<String> found) {
    try {
      return found.map(Long::parseLong).orElse(-1L);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void takeReached(int partition, long watermark, List<Waiter> reached) {
    PriorityQueue<Waiter> waiters = byPartition.get(partition);
    while (waiters != null && !waiters.isEmpty() && waiters.element().offset <= watermark) {
      reached.add(waiters.remove());
    }
  }

  private void takeExpired(List<Waiter> expired) {
    long nowNanos = System.nanoTime();
    if (nowNanos - nextExpiryScanNanos < 0) {
      return;
    }
    nextExpiryScanNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(EXPIRY_SCAN_MILLIS);
    for (PriorityQueue<Waiter> waiters : byPartition.values()) {
      waiters.removeIf(
          waiter -> {
            boolean late = nowNanos - waiter.deadlineNanos >= 0;
            if (late) {
              expired.add(waiter);
            }
            return late;
          });
    }
  }

  private static void fail(List<Waiter> waiters, String detail) {
    for (Waiter waiter : waiters) {
      waiter.reached.completeExceptionally(
          new TimelineLagException(
              "timeline of partition %d: not written up to offset %d in time (%s). See whether the timeline writer runs and keeps up."
                  .formatted(waiter.partition, waiter.offset, detail)));
    }
  }

  private record Waiter(
      int partition, long offset, long deadlineNanos, CompletableFuture<@Nullable Void> reached) {}
}
