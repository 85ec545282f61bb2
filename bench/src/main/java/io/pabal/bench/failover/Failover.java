// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

/**
 * What happened when one router was ended.
 *
 * @param partitions how many partitions it had
 * @param firstMillis from its end to the first delivery on that one of its partitions that went on
 *     first; 0 when it had none
 * @param lastMillis the same of the one that went on last
 * @param survivorMillis the longest time between two deliveries on a partition that it had not; 0
 *     when it had all
 * @param repeated messages that were delivered again and dropped by their position
 */
public record Failover(
    int partitions, long firstMillis, long lastMillis, long survivorMillis, long repeated) {}
