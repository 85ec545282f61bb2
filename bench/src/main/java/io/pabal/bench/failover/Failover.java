// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

/**
 * What happened when one router was ended.
 *
 * @param partitions how many partitions it had
 * @param firstMillis from its end until deliveries resumed on the first of its partitions; 0 when
 *     it had none
 * @param lastMillis from its end until deliveries resumed on the last of its partitions; 0 when it
 *     had none
 * @param survivorMillis the longest time between two deliveries on a partition of the other router;
 *     0 when that had none
 * @param repeated messages that were delivered again and dropped by their position
 */
public record Failover(
    int partitions, long firstMillis, long lastMillis, long survivorMillis, long repeated) {}
