// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.telemetry.LogLimiter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retries one session's reading {@value #DELAY_MILLIS} ms after a failed attempt. Used on the
 * session's event loop only.
 *
 * <p>Consecutive failures are logged once. Many sessions may fail at the same time, so the log
 * lines of all sessions together are limited.
 */
final class Retry {

  static final long DELAY_MILLIS = 500;

  private static final Logger log = LoggerFactory.getLogger(Retry.class);
  private static final LogLimiter LINES =
      LogLimiter.perSecond(count -> log.warn("readings failed leftOut={}", count));

  private final Session session;
  private final String reading;
  private final Runnable attempt;
  private boolean pending;
  private boolean failing;

  /**
   * A retry for a reading that has not failed yet.
   *
   * @param reading what is read, for the log
   * @param attempt makes the next attempt
   */
  Retry(Session session, String reading, Runnable attempt) {
    this.session = session;
    this.reading = reading;
    this.attempt = attempt;
  }

  /** Whether the next attempt is scheduled. */
  boolean isPending() {
    return pending;
  }

  /** An attempt succeeded. */
  void succeeded() {
    failing = false;
  }

  /** An attempt failed: logs the first of consecutive failures and schedules the next attempt. */
  void failed(SessionFeed feed, Throwable error) {
    boolean first = !failing;
    failing = true;
    if (first && LINES.allows()) {
      log.warn(
          "{} not read client={} feed={} retryMillis={} reason=\"{}\"",
          reading,
          session.clientId(),
          feed.feed().name(),
          DELAY_MILLIS,
          error.getMessage());
    }
    later();
  }

  /** Schedules the next attempt. */
  void later() {
    pending = true;
    var _ =
        session.onEventLoopAfter(
            DELAY_MILLIS,
            TimeUnit.MILLISECONDS,
            () -> {
              pending = false;
              attempt.run();
            });
  }
}
