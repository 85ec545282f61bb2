// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.sessioncache.session.Owner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The connectors that did not release sessions when they were requested to. After {@value
 * #MISSES_MAX} misses in a row, no claim waits for the connector for {@value #SILENT_SECONDS} s;
 * then the next miss is enough. So the sessions of a connector that has died do not all wait. At
 * most {@value #OWNERS_MAX} connectors are remembered. Safe for use by many threads.
 */
final class SilentOwners {

  static final int MISSES_MAX = 3;
  static final int SILENT_SECONDS = 10;
  private static final int OWNERS_MAX = 1_000;

  private record Misses(int count, long lastNanos) {}

  private final LongSupplier nanoClock;
  private final Map<Owner, Misses> misses =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Owner, Misses> eldest) {
          return size() > OWNERS_MAX;
        }
      };

  /**
   * No connector is silent.
   *
   * @param nanoClock a clock like {@link System#nanoTime}
   */
  SilentOwners(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** Whether claims do not wait for this connector now. */
  synchronized boolean isSilent(Owner owner) {
    Misses found = misses.get(owner);
    return found != null
        && found.count() >= MISSES_MAX
        && nanoClock.getAsLong() - found.lastNanos() < TimeUnit.SECONDS.toNanos(SILENT_SECONDS);
  }

  /** The connector has released a session. */
  synchronized void answered(Owner owner) {
    misses.remove(owner);
  }

  /** The connector has not released a session in time. */
  synchronized void notAnswered(Owner owner) {
    Misses found = misses.get(owner);
    misses.put(owner, new Misses(found == null ? 1 : found.count() + 1, nanoClock.getAsLong()));
  }
}
