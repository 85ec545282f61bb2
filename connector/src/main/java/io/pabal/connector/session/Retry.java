// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next attempt of one session's reading after one that failed, {@value #DELAY_MILLIS} ms later.
 * On the session's event loop only.
 *
 * <p>A row of failures is logged once: many sessions may fail at a time, and all for one reason.
 */
final class Retry {

  static final long DELAY_MILLIS = 500;

  private static final Logger log = LoggerFactory.getLogger(Retry.class);

  private final Session session;
  private final String reading;
  private final Runnable again;
  private boolean pending;
  private boolean failing;

  /**
   * A reading that never failed yet.
   *
   * @param reading what is read, for the log
   * @param again makes the next attempt
   */
  Retry(Session session, String reading, Runnable again) {
    this.session = session;
    this.reading = reading;
    this.again = again;
  }

  /** Whether the next attempt is waited for. */
  boolean isPending() {
    return pending;
  }

  /** An attempt succeeded. */
  void succeeded() {
    failing = false;
  }

  /** An attempt failed. */
  void failed(Subscription subscription, Throwable error) {
    if (!failing) {
      failing = true;
      log.warn(
          "{} not read client={} address={} retryMillis={} reason=\"{}\"",
          reading,
          session.clientId(),
          subscription.address().name(),
          DELAY_MILLIS,
          error.getMessage());
    }
    later();
  }

  /** There was no room for an attempt. */
  void later() {
    pending = true;
    var _ =
        session.onEventLoopAfter(
            DELAY_MILLIS,
            TimeUnit.MILLISECONDS,
            () -> {
              pending = false;
              again.run();
            });
  }
}
