// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What to replay.
 *
 * @param addresses which ones
 * @param connectorId the connector whose live sessions are checked; empty: all
 * @param dryRun whether only to look
 * @param messagesPerSecond how many to read at most; 0: no bound
 * @param force what is sent again to sessions that had it; null: nothing is
 */
public record ReplayPlan(
    Predicate<String> addresses,
    String connectorId,
    boolean dryRun,
    long messagesPerSecond,
    @Nullable Force force) {

  /**
   * Sends everything again.
   *
   * @param clientId to this session alone; empty: to all
   * @param epoch the clock of Redis when it began, in microseconds: no claim from before is newer
   */
  public record Force(String clientId, long epoch) {

    boolean isForAll() {
      return clientId.isEmpty();
    }
  }
}
