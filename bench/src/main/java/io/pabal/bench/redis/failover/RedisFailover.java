// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

/**
 * One primary that was replaced.
 *
 * @param port the port of the primary
 * @param before the undisturbed time before
 * @param during from just before the failover until the successor has served for some time
 * @param after while the replaced primary comes back as a replica
 */
public record RedisFailover(int port, ClaimWaits before, ClaimWaits during, ClaimWaits after) {}
