// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

import java.time.Duration;

/** Makes this machine's clock wrong for a test. */
public final class PlayedBrokerTime {

  private PlayedBrokerTime() {}

  /**
   * Runs {@code action} while the brokers' clock is ahead of this machine's by {@code ahead},
   * behind it when negative. The readings of this JVM's {@link BrokerClock}s wait meanwhile.
   */
  public static void whileAhead(Duration ahead, Runnable action) {
    synchronized (BrokerTime.class) {
      BrokerTime.forget();
      long nowNanos = System.nanoTime();
      BrokerTime.read(System.currentTimeMillis() + ahead.toMillis(), nowNanos - 10, nowNanos);
      try {
        action.run();
      } finally {
        BrokerTime.forget();
      }
    }
  }
}
