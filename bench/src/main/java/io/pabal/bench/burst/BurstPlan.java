// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.burst;

import java.time.Duration;

/**
 * What to measure.
 *
 * @param sessions persistent sessions, all subscribed to one address
 * @param bursts messages, one after the other
 * @param connectsPerSecond clients that connect, before each message and after it
 * @param observed how long they connect before each message, and as long after it
 */
public record BurstPlan(int sessions, int bursts, int connectsPerSecond, Duration observed) {}
