// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * What to measure.
 *
 * @param directory for the data of Redis; new or empty
 * @param sessions sessions in Redis, over which the checkpoints go in turn
 * @param seconds how long each size is measured in each round
 * @param rounds how often the sizes are measured, in turn
 * @param sizes sessions of one script
 */
public record CheckpointPlan(
    Path directory, int sessions, int seconds, int rounds, List<Integer> sizes) {}
