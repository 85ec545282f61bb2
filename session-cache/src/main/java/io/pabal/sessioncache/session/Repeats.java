// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisProblem;
import io.pabal.telemetry.Meters;
import java.time.Duration;
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
 * Operations that end a claim, and that are repeated until Redis has replied to them. Each
 * operation is fenced, so that it does no harm when it runs late or twice.
 *
 * <p>At most {@value #WAITING_MAX} operations wait, and at most {@value #ROUND_MAX} are repeated a
 * second. A further operation is dropped and counted: its session seems live until it is claimed
 * again, or for a day. No operation is repeated while the connection is down. An operation to which
 * Redis replies with an error of its script or key is given up, since it would fail again.
 *
 * <p>Thread-safe. Calls do not block.
 */
final class Repeats {

  static final int WAITING_MAX = 100_000;

  private static final Logger log = LoggerFactory.getLogger(Repeats.class);
  private static final int ROUND_MAX = 1_000;
  private static final long ROUND_MILLIS = 1_000;

  /**
   * The time that bytes of a broken connection may take to reach Redis: the kernel retransmits them
   * for a while.
   */
  static final Duration CERTAIN_AFTER = Duration.ofSeconds(60);

  private final RedisLink redis;
  private final long certainAfterNanos;
  private final ArrayDeque<Repeat> waiting = new ArrayDeque<>();
  private final LongAdder dropped = new LongAdder();
  private boolean scheduled;

  Repeats(RedisLink redis, Duration certainAfter) {
    this.redis = redis;
    this.certainAfterNanos = certainAfter.toNanos();
  }

  /**
   * An operation that waits.
   *
   * @param dueNanos the earliest time of its next attempt, of {@link System#nanoTime}
   * @param onceMore whether it is repeated once more after a reply, since the operation that it
   *     undoes may run after that reply
   */
  private record Repeat(
      Supplier<? extends CompletionStage<?>> operation, long dueNanos, boolean onceMore) {}

  /** Repeats an operation that got no reply, until Redis replies. */
  void untilAnswered(Supplier<? extends CompletionStage<?>> operation) {
    add(new Repeat(operation, System.nanoTime(), false));
  }

  /**
   * Undoes an operation that got no reply and may still reach Redis. The first attempt is made at
   * once: on the same connection it runs behind the operation that it undoes. When the first
   * attempt fails, later attempts may use another connection. The operation is then repeated once
   * more, a minute after the attempt that succeeds.
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

  /** The number of operations that wait. */
  synchronized int count() {
    return waiting.size();
  }

  /** The number of waiting operations that are due. */
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
                  long dueNanos = System.nanoTime() + certainAfterNanos;
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
