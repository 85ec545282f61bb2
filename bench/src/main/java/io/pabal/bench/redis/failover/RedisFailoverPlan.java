// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What to measure.
 *
 * @param directory for the data of the cluster; new or empty
 * @param failovers how often a primary is replaced, the primaries in turn
 * @param how how it is replaced
 * @param claimsPerSecond sessions that are claimed per second, all the while
 * @param settle undisturbed time before each failover; claims are observed for as long after it
 */
public record RedisFailoverPlan(
    Path directory, int failovers, How how, int claimsPerSecond, Duration settle) {

  /** How a primary is replaced. */
  public enum How {
    /** SIGKILL ends the primary. */
    KILL,
    /** SIGSTOP freezes the primary: its connections stay open. */
    FREEZE,
    /** The primary hands over to its replica, by CLUSTER FAILOVER. */
    HANDOVER
  }
}
