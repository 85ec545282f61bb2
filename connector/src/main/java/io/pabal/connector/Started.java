// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.netty.channel.EventLoopGroup;
import io.pabal.telemetry.FatalError;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a connector that were started. They are stopped in the reverse order; when one part
 * fails to stop, the others are stopped all the same. Used by one thread at a time.
 */
final class Started {

  private static final Logger log = LoggerFactory.getLogger(Started.class);

  private static final long EVENT_LOOPS_STOP_SECONDS = 5;

  /** How a part is stopped. */
  interface Stop<T> {
    void stop(T part) throws Exception;
  }

  private final ArrayDeque<Runnable> stops = new ArrayDeque<>();

  /** Adds a part that was started, and returns it. */
  <T> T add(T part, Stop<? super T> stop) {
    stops.push(
        () -> {
          try {
            stop.stop(part);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (Throwable e) {
            FatalError.endProcessIf(e);
            log.warn("part not stopped part={}", part.getClass().getSimpleName(), e);
          }
        });
    return part;
  }

  /** Stops all parts. Blocks; failures are logged. */
  void stopAll() {
    while (!stops.isEmpty()) {
      stops.pop().run();
    }
  }

  /** Stops a group of event loops. Blocks until it has terminated. */
  static void stop(EventLoopGroup group) {
    group.shutdownGracefully(0, EVENT_LOOPS_STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
