// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisProblem;
import io.pabal.telemetry.Meters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operations that end a claim, made again until Redis has answered them. Each is fenced, so that it
 * harms nobody when it comes late or twice.
 *
 * <p>At most {@value #WAITING_MAX} wait, and {@value #ROUND_MAX} a second are made again; beyond
 * that one is dropped and counted: its session seems live until somebody claims it, or for a day.
 * None is made while the connection is down. One that Redis answers with an error of its script or
 * key is given up: it would come to the same again.
 *
 * <p>Thread-safe, and blocks nobody.
 */
final class Repeats {

  static final int WAITING_MAX = 100_000;

  private static final Logger log = LoggerFactory.getLogger(Repeats.class);
  private static final int ROUND_MAX = 1_000;
  private static final long ROUND_MILLIS = 1_000;

  /**
   * How long bytes of a connection that is gone may take to Redis: the kernel sends them again and
   * again for some while.
   */
  private static final long CERTAIN_AFTER_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final RedisLink redis;
  private final ArrayDeque<Repeat> waiting = new ArrayDeque<>();
  private final LongAdder dropped = new LongAdder();
  private boolean scheduled;

  Repeats(RedisLink redis) {
    this.redis = redis;
  }

  /**
   * @param onceMore whether one answer is not enough, since what is to be undone may come later
   */
  private record Repeat(
      Supplier<? extends CompletionStage<?>> operation, long dueNanos, boolean onceMore) {}

  /** Makes an operation again that had no answer. */
  void untilAnswered(Supplier<? extends CompletionStage<?>> operation) {
    add(new Repeat(operation, System.nanoTime(), false));
  }

  /**
   * Undoes an operation that had no answer and may yet come to Redis. The first attempt is made at
   * once: on the same connection it comes behind what it undoes. When it fails the connection may
   * be another one from then on, so it is made once more after the attempt that succeeds.
   */
  void untilCertain(Supplier<? extends CompletionStage<?>> operation) {
    if (redis.isOpen()) {
      attempt(new Repeat(operation, System.nanoTime(), false), true);
    } else {
      add(new Repeat(operation, System.nanoTime(), true));
    }
  }

  void bindTo(Meters meters) {
    meters.gauge(
        "pabal.redis.repeats",
        "Ends of claims that Redis has not answered and that are made again",
        this::count);
    meters.gauge(
        "pabal.redis.repeats.max",
        "Ends of claims that may wait before further ones are dropped",
        () -> WAITING_MAX);
    meters.counter(
        "pabal.redis.repeats.dropped",
        "Ends of claims that were dropped: their sessions seem live for a day",
        dropped);
  }

  /** How many wait. */
  synchronized int count() {
    return waiting.size();
  }

  /** How many of them are not for later. */
  synchronized int dueCount() {
    long nowNanos = System.nanoTime();
    return (int) waiting.stream().filter(each -> each.dueNanos() - nowNanos <= 0).count();
  }

  private void attempt(Repeat repeat, boolean onceMoreAfterFailure) {
    repeat
        .operation()
        .get()
        .whenComplete(
            (reply, failure) -> {
              if (failure == null) {
                if (repeat.onceMore()) {
                  long dueNanos = System.nanoTime() + CERTAIN_AFTER_NANOS;
                  add(new Repeat(repeat.operation(), dueNanos, false));
                }
              } else if (RedisProblem.isOfServer(failure)) {
                boolean onceMore = repeat.onceMore() || onceMoreAfterFailure;
                add(new Repeat(repeat.operation(), System.nanoTime(), onceMore));
              } else {
                log.warn("claim not ended reason=\"{}\"", RedisProblem.describe(failure));
              }
            });
  }

  private synchronized void add(Repeat repeat) {
    if (waiting.size() >= WAITING_MAX) {
      dropped.increment();
      return;
    }
    waiting.add(repeat);
    schedule();
  }

  private synchronized void schedule() {
    if (scheduled || waiting.isEmpty()) {
      return;
    }
    try {
      var _ = redis.scheduler().schedule(this::round, ROUND_MILLIS, TimeUnit.MILLISECONDS);
      scheduled = true;
    } catch (RejectedExecutionException e) {
      log.debug("the connection is closed, claims are not ended waiting={}", waiting.size());
    }
  }

  private void round() {
    List<Repeat> due = takeDue();
    due.forEach(each -> attempt(each, false));
    schedule();
  }

  private synchronized List<Repeat> takeDue() {
    scheduled = false;
    List<Repeat> due = new ArrayList<>();
    if (!redis.isOpen()) {
      return due;
    }
    long nowNanos = System.nanoTime();
    for (int left = Math.min(waiting.size(), ROUND_MAX); left > 0; left--) {
      Repeat next = waiting.remove();
      if (next.dueNanos() - nowNanos > 0) {
        waiting.add(next);
      } else {
        due.add(next);
      }
    }
    return due;
  }
}
