// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.sessioncache.redis.RedisProblem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches that Redis has not confirmed yet, at most one of each partition. A batch is tried
 * again, {@value #RETRY_DELAY_MIN_MILLIS} ms to {@value #RETRY_DELAY_MAX_MILLIS} ms apart, until
 * Redis confirms it. Partitions do not wait for each other.
 *
 * <p>On the writer's thread only, except where a method says "any thread".
 */
final class PendingAppends {

  private static final Logger log = LoggerFactory.getLogger(PendingAppends.class);
  private static final long RETRY_DELAY_MIN_MILLIS = 20;
  private static final long RETRY_DELAY_MAX_MILLIS = 1_000;
  private static final double STUCK_SECONDS = 10;
  private static final int NAMED_MAX = 10;
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TimelineAppender appender;
  private final WriterFigures figures;
  private final Map<Integer, Append> byPartition = new LinkedHashMap<>();

  private long nextLogNanos = System.nanoTime();

  PendingAppends(TimelineAppender appender) {
    this.appender = appender;
    this.figures = appender.figures();
  }

  /** Whether Redis has confirmed all batches. */
  boolean isEmpty() {
    return byPartition.isEmpty();
  }

  /** The partitions that have a batch. */
  Set<Integer> partitions() {
    return byPartition.keySet();
  }

  /** Adds a batch of a partition that has none. */
  void add(TimelineBatch batch) {
    if (byPartition.putIfAbsent(batch.range().partition(), new Append(batch)) != null) {
      throw new IllegalStateException(
          "a second batch of partition %d".formatted(batch.range().partition()));
    }
  }

  /** Forgets the batches of partitions that this writer has lost; their next owner repeats them. */
  void drop(Collection<Integer> partitions) {
    byPartition.keySet().removeAll(partitions);
  }

  /**
   * Sends the batches that are due, and waits for those that are sent the first time. A batch that
   * is tried again holds nobody up.
   *
   * @return the batches that Redis has confirmed since the last call
   */
  List<TimelineBatch> advance(long waitMillis) throws InterruptedException {
    List<Append> fresh = send(System.nanoTime());
    await(fresh, waitMillis);
    List<TimelineBatch> confirmed = new ArrayList<>();
    byPartition.values().removeIf(append -> isConfirmed(append, confirmed));
    logFailures(System.nanoTime());
    figures.pending(problem(System.nanoTime()), oldestNanos(), byPartition.size());
    return confirmed;
  }

  /** Sends what is due; returns what is sent the first time. */
  private List<Append> send(long nowNanos) {
    List<Append> fresh = new ArrayList<>();
    for (Append append : byPartition.values()) {
      if (append.attempt == null && append.dueNanos - nowNanos <= 0) {
        if (append.failures == 0) {
          fresh.add(append);
        } else {
          // Alone: what is wrong with one partition must not hold up another one.
          append.attempt = appender.send(List.of(append.batch));
        }
      }
    }
    if (appender.takesSeveralPartitions() && !fresh.isEmpty()) {
      CompletableFuture<@Nullable Void> attempt =
          appender.send(fresh.stream().map(append -> append.batch).toList());
      fresh.forEach(append -> append.attempt = attempt);
    } else {
      fresh.forEach(append -> append.attempt = appender.send(List.of(append.batch)));
    }
    return fresh;
  }

  private static void await(List<Append> appends, long waitMillis) throws InterruptedException {
    CompletableFuture<?>[] attempts =
        appends.stream().map(append -> append.attempt).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(attempts).get(waitMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("not all batches appended yet", e);
    }
  }

  private boolean isConfirmed(Append append, List<TimelineBatch> confirmed) {
    CompletableFuture<?> attempt = append.attempt;
    if (attempt == null || !attempt.isDone()) {
      return false;
    }
    append.attempt = null;
    try {
      attempt.join();
    } catch (CompletionException e) {
      failed(append, e.getCause() == null ? e : e.getCause());
      return false;
    }
    figures.confirmed(append.batch.messageCount(), append.begunNanos);
    confirmed.add(append.batch);
    return true;
  }

  private void failed(Append append, Throwable failure) {
    if (failure instanceof TimelinesOfAnotherTopicException fatal) {
      throw fatal;
    }
    append.failures++;
    append.reason = RedisProblem.describe(failure);
    long delayMillis =
        Math.min(
            RETRY_DELAY_MIN_MILLIS << Math.min(append.failures - 1, Short.SIZE),
            RETRY_DELAY_MAX_MILLIS);
    append.dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
    figures.failures.increment();
  }

  /** A line for each reason: while a primary is away, all its partitions fail again and again. */
  private void logFailures(long nowNanos) {
    if (nowNanos - nextLogNanos < 0) {
      return;
    }
    Map<String, List<Append>> failed =
        byPartition.values().stream()
            .filter(append -> append.failures > append.failuresLogged)
            .collect(Collectors.groupingBy(append -> append.reason));
    failed.forEach(
        (reason, appends) -> {
          appends.forEach(append -> append.failuresLogged = append.failures);
          nextLogNanos = nowNanos + LOG_INTERVAL_NANOS;
          log.warn(
              "timelines not written, trying again partitions={} ({}) reason={}",
              appends.size(),
              named(appends),
              reason);
        });
  }

  private Optional<String> problem(long nowNanos) {
    List<Append> waiting =
        byPartition.values().stream()
            .filter(append -> append.failures > 0 || append.seconds(nowNanos) >= STUCK_SECONDS)
            .toList();
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Append oldest = waiting.getFirst();
    return Optional.of(
        "messages of %d partitions (%s) wait for %.0f s (%s)"
            .formatted(waiting.size(), named(waiting), oldest.seconds(nowNanos), oldest.reason));
  }

  private static String named(List<Append> appends) {
    return appends.stream()
        .limit(NAMED_MAX)
        .map(append -> Integer.toString(append.batch.range().partition()))
        .collect(Collectors.joining(", ", "", appends.size() > NAMED_MAX ? ", ..." : ""));
  }

  private long oldestNanos() {
    return byPartition.values().stream()
        .mapToLong(append -> append.begunNanos)
        .findFirst()
        .orElse(WriterFigures.NONE);
  }

  /** One batch until Redis confirms it. */
  private static final class Append {
    final TimelineBatch batch;
    final long begunNanos = System.nanoTime();
    long dueNanos = begunNanos;
    int failures;
    int failuresLogged;
    String reason = "no reply yet";

    /** The attempt that is under way; null: none. */
    @Nullable CompletableFuture<@Nullable Void> attempt;

    Append(TimelineBatch batch) {
      this.batch = batch;
    }

    double seconds(long nowNanos) {
      return (nowNanos - begunNanos) / WriterFigures.NANOS_PER_SECOND;
    }
  }
}
