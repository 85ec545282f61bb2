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
 * The reads that wait for a watermark. While reads wait, their partitions' watermarks are asked for
 * every {@value #POLL_MILLIS} ms, each by a command of its own: a partition whose primary does not
 * reply does not hold up the others. Thread-safe.
 */
final class WatermarkWaiters {

  private static final Logger log = LoggerFactory.getLogger(WatermarkWaiters.class);

  /** The number of reads that may wait at a time; a further read fails at once. */
  static final int WAITERS_MAX = 65_536;

  private static final long POLL_MILLIS = 3;
  private static final long EXPIRY_SCAN_MILLIS = 100;
  private static final String WATERMARK = "watermark";

  private final RedisLink redis;
  private final TimelineKeys keys;
  private final ScheduledExecutorService scheduler;
  private final Map<Integer, Partition> byPartition = new HashMap<>();
  private int count;
  private boolean polling;
  private boolean closed;
  private long nextExpiryScanNanos;

  WatermarkWaiters(RedisLink redis, TimelineKeys keys, ScheduledExecutorService scheduler) {
    this.redis = redis;
    this.keys = keys;
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
      byPartition.values().forEach(partition -> left.addAll(partition.waiters));
      byPartition.clear();
      count = 0;
    }
    left.forEach(waiter -> fail(waiter, "the session cache was closed"));
  }

  private synchronized @Nullable String add(Waiter waiter) {
    if (closed) {
      return "the session cache is closed";
    }
    if (count >= WAITERS_MAX) {
      return "%d reads of timelines wait already (expected: fewer). Try again later; see whether the timeline writer runs."
          .formatted(WAITERS_MAX);
    }
    byPartition.computeIfAbsent(waiter.partition, p -> new Partition()).waiters.add(waiter);
    count++;
    if (!polling) {
      nextExpiryScanNanos = System.nanoTime();
      schedulePoll();
    }
    return null;
  }

  /** While reads wait, exactly one poll is scheduled or in progress. */
  private synchronized void schedulePoll() {
    try {
      var _ = scheduler.schedule(this::poll, POLL_MILLIS, TimeUnit.MILLISECONDS);
      polling = true;
    } catch (RejectedExecutionException e) {
      closed = true;
    }
  }

  private void poll() {
    try {
      failExpired();
      takeUnasked().forEach(this::ask);
    } catch (Throwable e) {
      // The next poll is scheduled all the same. Reads that are past their deadline fail then.
      FatalError.endProcessIf(e);
      log.warn("watermarks not asked for", e);
    } finally {
      endPoll();
    }
  }

  private synchronized void endPoll() {
    polling = false;
    if (count > 0 && !closed) {
      schedulePoll();
    }
  }

  /** The partitions with waiting reads whose last command has been answered; marks them asked. */
  private synchronized List<Integer> takeUnasked() {
    List<Integer> unasked = new ArrayList<>();
    byPartition.forEach(
        (number, partition) -> {
          if (!partition.asked) {
            partition.asked = true;
            unasked.add(number);
          }
        });
    return unasked;
  }

  private void ask(int partition) {
    try {
      var _ =
          redis
              .hashFields(keys.partition(partition), WATERMARK)
              .whenComplete((found, failure) -> answered(partition, found, failure));
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      answered(partition, null, e);
    }
  }

  private void answered(
      int partition, @Nullable List<Optional<String>> found, @Nullable Throwable failure) {
    Optional<String> watermark = found == null ? Optional.empty() : found.getFirst();
    String reply =
        failure == null ? "watermark " + watermark.orElse("missing") : "Redis failed: " + failure;
    takeReached(partition, offsetOf(watermark), reply)
        .forEach(waiter -> waiter.reached.complete(null));
  }

  private synchronized List<Waiter> takeReached(int number, long watermark, String reply) {
    List<Waiter> reached = new ArrayList<>();
    Partition partition = byPartition.get(number);
    if (partition != null) {
      partition.asked = false;
      partition.lastReply = reply;
      while (!partition.waiters.isEmpty() && partition.waiters.element().offset <= watermark) {
        reached.add(partition.waiters.remove());
      }
      count -= reached.size();
      if (partition.waiters.isEmpty()) {
        byPartition.remove(number);
      }
    }
    return reached;
  }

  /** A text that is not a number counts as no watermark; the error of a waiting read quotes it. */
  private static long offsetOf(Optional<String> watermark) {
    try {
      return watermark.map(Long::parseLong).orElse(-1L);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void failExpired() {
    Map<Waiter, String> expired = new HashMap<>();
    synchronized (this) {
      long nowNanos = System.nanoTime();
      if (nowNanos - nextExpiryScanNanos < 0) {
        return;
      }
      nextExpiryScanNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(EXPIRY_SCAN_MILLIS);
      for (Partition partition : byPartition.values()) {
        partition.waiters.removeIf(
            waiter -> {
              boolean late = nowNanos - waiter.deadlineNanos >= 0;
              if (late) {
                expired.put(waiter, partition.lastReply);
              }
              return late;
            });
      }
      byPartition.values().removeIf(partition -> partition.waiters.isEmpty());
      count -= expired.size();
    }
    expired.forEach(WatermarkWaiters::fail);
  }

  private static void fail(Waiter waiter, String lastReply) {
    waiter.reached.completeExceptionally(
        new TimelineLagException(
            "timeline of partition %d: not written up to offset %d in time (%s). See whether the timeline writer runs and keeps up."
                .formatted(waiter.partition, waiter.offset, lastReply)));
  }

  /** The waiting reads of one partition. */
  private static final class Partition {
    final PriorityQueue<Waiter> waiters =
        new PriorityQueue<>(Comparator.comparingLong(Waiter::offset));

    /** Whether a command has been sent and not been answered. */
    boolean asked;

    String lastReply = "no reply of Redis";
  }

  private record Waiter(
      int partition, long offset, long deadlineNanos, CompletableFuture<@Nullable Void> reached) {}
}
