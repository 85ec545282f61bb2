// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.catchup;

/**
 * The result of one burst.
 *
 * @param memory whether the connector kept recent deliveries in memory
 * @param seconds from the first PUBLISH until the last session had the last message
 * @param fellBehind how often a session fell behind
 * @param fromMemory deliveries that sessions took from memory
 * @param reads pages read from Redis
 * @param shared pages that further sessions took from these reads
 * @param cpuSeconds CPU time of this process: connector and clients
 * @param redisCpuSeconds CPU time of Redis
 */
public record CatchUpRound(
    boolean memory,
    double seconds,
    long fellBehind,
    long fromMemory,
    long reads,
    long shared,
    double cpuSeconds,
    double redisCpuSeconds) {}
