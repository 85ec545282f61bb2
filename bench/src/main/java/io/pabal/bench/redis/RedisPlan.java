// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What to measure.
 *
 * @param directory for Redis's data; new or empty
 * @param sessions sessions that are checkpointed, in turn, and as many that are claimed
 * @param measured how long each kind of work is measured in each round
 * @param rounds how often all kinds are measured, in turn, after a round that does not count
 * @param sizes sessions that share a script of checkpoints, at most; each size is a kind of work
 */
public record RedisPlan(
    Path directory, int sessions, Duration measured, int rounds, List<Integer> sizes) {}
