// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.replay;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data and logs; new or empty
 * @param messages to replay, published before
 * @param addresses that they are of
 * @param liveMessagesPerSecond live traffic that is measured meanwhile
 * @param baseline how long it is measured without a replay
 * @param replayRate the replay's {@code --rate}; empty for none
 */
public record ReplayBenchPlan(
    String mainClass,
    Path directory,
    int messages,
    int addresses,
    int liveMessagesPerSecond,
    Duration baseline,
    String replayRate) {}
