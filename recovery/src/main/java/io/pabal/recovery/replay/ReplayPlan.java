// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The options of a replay.
 *
 * @param feeds accepts the names of the feeds to replay
 * @param connectorId the connector whose live sessions are checked; empty: all connectors
 * @param dryRun whether nothing is written
 * @param messagesPerSecond the messages read per second at most; 0: no bound
 * @param force the sessions that get acknowledged messages again; null: none
 */
public record ReplayPlan(
    Predicate<String> feeds,
    String connectorId,
    boolean dryRun,
    long messagesPerSecond,
    @Nullable Force force) {

  /**
   * The sessions that a forced replay rewinds.
   *
   * @param clientId the only session; empty: all sessions
   * @param epoch the clock of Redis at the beginning of the replay, in microseconds; earlier claims
   *     have lower epochs
   */
  public record Force(String clientId, long epoch) {

    boolean isForAll() {
      return clientId.isEmpty();
    }
  }
}
