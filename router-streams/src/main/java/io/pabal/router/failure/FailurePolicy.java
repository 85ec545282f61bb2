// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.failure;

import io.pabal.router.metrics.RouterMetrics;
import io.pabal.schemas.SchemaPendingException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a stream thread that failed.
 *
 * <ul>
 *   <li>Failures that pass (Kafka calls them retriable: timeouts, brokers that are away; or the
 *       schema registry is) replace the thread as often as they happen, after a pause each: a
 *       router outlives an outage, however long. So does a delivery that its connector's topic
 *       refused ({@link DeliveryRefusedException}): its replacement announces it instead.
 *   <li>Other exceptions replace it three times within ten minutes. They may be an accident of one
 *       thread; one that comes back is a defect or a record that can never be sent, and trying for
 *       ever would hide it.
 *   <li>Errors of the JVM, failures of the global thread (which cannot be replaced), a session
 *       timeout that the brokers refuse and the fourth exception stop the router, whose {@code
 *       terminated()} completes exceptionally.
 * </ul>
 *
 * <p>Called on the thread that failed. Kafka Streams logs the stack trace.
 */
public final class FailurePolicy implements StreamsUncaughtExceptionHandler {

  public static final int UNEXPECTED_MAX = 3;
  public static final Duration UNEXPECTED_WINDOW = Duration.ofMinutes(10);

  private static final Logger log = LoggerFactory.getLogger(FailurePolicy.class);
  private static final String GLOBAL_THREAD = "-GlobalStreamThread";

  private final RouterMetrics metrics;
  private final LongSupplier nanoTime;
  private final Duration pause;
  private final Deque<Long> unexpectedNanos = new ArrayDeque<>();
  private volatile @Nullable Throwable last;

  public FailurePolicy(RouterMetrics metrics, LongSupplier nanoTime, Duration pause) {
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.pause = pause;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable failure) {
    last = failure;
    if (isFinal(failure) || (!passes(failure) && isOneTooMany())) {
      log.error(
          "the router stops thread={} reason={}",
          Thread.currentThread().getName(),
          failure.toString());
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    log.warn(
        "a stream thread is replaced thread={} reason={}",
        Thread.currentThread().getName(),
        failure.toString());
    metrics.threadsReplaced.increment();
    LockSupport.parkNanos(pause.toNanos());
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  /** What the last thread failed with. */
  public @Nullable Throwable last() {
    return last;
  }

  private synchronized boolean isOneTooMany() {
    long now = nanoTime.getAsLong();
    unexpectedNanos.removeIf(at -> now - at > UNEXPECTED_WINDOW.toNanos());
    if (unexpectedNanos.size() >= UNEXPECTED_MAX) {
      return true;
    }
    unexpectedNanos.add(now);
    return false;
  }

  private static boolean isGlobalThread() {
    return Thread.currentThread().getName().endsWith(GLOBAL_THREAD);
  }

  private static boolean isFinal(Throwable failure) {
    return isGlobalThread()
        || chainHas(failure, Error.class)
        || chainHas(failure, InvalidSessionTimeoutException.class);
  }

  private static boolean passes(Throwable failure) {
    return chainHas(failure, RetriableException.class)
        || chainHas(failure, DeliveryRefusedException.class)
        || chainHas(failure, SchemaPendingException.class);
  }

  /** Whether {@code failure} or what caused it is a {@code type}. */
  public static boolean chainHas(@Nullable Throwable failure, Class<? extends Throwable> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }
}
