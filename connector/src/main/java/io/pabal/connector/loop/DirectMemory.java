// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import io.netty.util.internal.PlatformDependent;
import io.pabal.telemetry.Meters;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alarm for direct memory, which holds the buffers of the sockets. Direct memory has a limit of
 * its own, besides the limit of the heap. An allocation beyond it fails, and the connection that
 * needs the buffer ends. Any thread.
 */
public final class DirectMemory {

  private static final Logger log = LoggerFactory.getLogger(DirectMemory.class);

  private static final Duration ALARM = Duration.ofMinutes(1);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);
  private static final long NEVER = Long.MIN_VALUE;

  private final LongAdder exhausted = new LongAdder();
  private final AtomicLong loggedNanos = new AtomicLong(NEVER);
  private volatile long exhaustedNanos = NEVER;

  /** Records that a buffer could not be allocated. Logs one line per {@link #LOG_INTERVAL}. */
  void exhausted() {
    long nowNanos = System.nanoTime();
    exhausted.increment();
    exhaustedNanos = nowNanos;
    long logged = loggedNanos.get();
    if ((logged == NEVER || nowNanos - logged >= LOG_INTERVAL.toNanos())
        && loggedNanos.compareAndSet(logged, nowNanos)) {
      log.error(
          "direct memory exhausted usedBytes={} maxBytes={} times={} effect=\"connections that need a buffer end\"",
          PlatformDependent.usedDirectMemory(),
          PlatformDependent.maxDirectMemory(),
          exhausted.sum());
    }
  }

  /** Whether an allocation of a buffer has failed within the last minute. */
  public boolean isScarce() {
    long at = exhaustedNanos;
    return at != NEVER && System.nanoTime() - at < ALARM.toNanos();
  }

  /** Text for the operator while direct memory is scarce: the effect, and what to do. */
  public String detail() {
    return "Direct memory was exhausted within the last minute (%d of %d bytes are used now): connections end. Raise mqtt.directMemoryBytes."
        .formatted(PlatformDependent.usedDirectMemory(), PlatformDependent.maxDirectMemory());
  }

  /** Binds the use of direct memory in bytes, its limit, and the count of failed allocations. */
  public void bindTo(Meters meters) {
    meters.counter(
        "pabal.connector.direct.memory.exhausted",
        "Times that a socket's buffer could not be had",
        exhausted);
    meters.gauge(
        "pabal.connector.direct.memory.used.bytes",
        "Direct memory that the process's socket buffers use",
        PlatformDependent::usedDirectMemory);
    meters.gauge(
        "pabal.connector.direct.memory.max.bytes",
        "Direct memory that they may use",
        PlatformDependent::maxDirectMemory);
  }
}
