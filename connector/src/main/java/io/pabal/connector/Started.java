// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.netty.channel.EventLoopGroup;
import io.pabal.telemetry.FatalError;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that were started, to be stopped in the reverse order; one that fails to stop keeps
 * none from it.
 */
final class Started {

  private static final Logger log = LoggerFactory.getLogger(Started.class);

  private static final long EVENT_LOOPS_STOP_SECONDS = 5;

  /** How a part is stopped. */
  interface Stop<T> {
    void stop(T part) throws Exception;
  }

  private final ArrayDeque<Runnable> stops = new ArrayDeque<>();

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

  void stopAll() {
    while (!stops.isEmpty()) {
      stops.pop().run();
    }
  }

  static void stop(EventLoopGroup group) {
    group.shutdownGracefully(0, EVENT_LOOPS_STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
