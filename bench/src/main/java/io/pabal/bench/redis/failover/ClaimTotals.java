// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

/**
 * The claims of a measurement.
 *
 * @param granted sessions that were claimed
 * @param failedTries tries that failed; each was followed by another one unless the claim was given
 *     up
 * @param givenUp sessions whose claim never succeeded
 * @param newestFailure why the newest of the failed tries failed; empty when none did
 */
public record ClaimTotals(long granted, long failedTries, long givenUp, String newestFailure) {}
