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
 * Decides whether a stream thread that failed is replaced, or the router stops.
 *
 * <ul>
 *   <li>After a transient failure (one that Kafka calls retriable, such as a timeout or an
 *       unavailable broker; or an unavailable schema registry) the thread is replaced, after a
 *       pause and without a limit: a router survives an outage of any length. The thread is also
 *       replaced without a limit after a delivery that its connector's topic refused ({@link
 *       DeliveryRefusedException}): the replacement announces the message instead.
 *   <li>After other exceptions the thread is replaced {@value #UNEXPECTED_MAX} times within ten
 *       minutes. Such an exception may be an accident of one thread. An exception that repeats is a
 *       defect or a record that can never be sent, and endless retries would hide it.
 *   <li>The router stops at errors of the JVM, at failures of the global thread (which cannot be
 *       replaced), at a session timeout that the brokers refuse, and at the fourth other exception.
 *       The router's {@code terminated()} then completes exceptionally.
 * </ul>
 *
 * <p>Called on the thread that failed; safe for use by many threads. Kafka Streams logs the stack
 * trace.
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
    if (isFinal(failure) || (!isReplacedWithoutLimit(failure) && exceedsUnexpectedMax())) {
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

  /** The latest failure of a stream thread; null: none. */
  public @Nullable Throwable last() {
    return last;
  }

  /** Counts an unexpected failure. Returns whether the window has too many of them. */
  private synchronized boolean exceedsUnexpectedMax() {
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

  private static boolean isReplacedWithoutLimit(Throwable failure) {
    return chainHas(failure, RetriableException.class)
        || chainHas(failure, DeliveryRefusedException.class)
        || chainHas(failure, SchemaPendingException.class);
  }

  /** Whether {@code failure} or one of its causes is an instance of {@code type}. */
  public static boolean chainHas(@Nullable Throwable failure, Class<? extends Throwable> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }
}
