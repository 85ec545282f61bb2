// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos;

import io.pabal.chaos.plan.FaultKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * The options of a run.
 *
 * @param seed the seed from which faults and clients are drawn
 * @param duration the time with traffic and faults
 * @param messagesMin unless 0, the run continues beyond its duration until all faults were injected
 *     and this many messages are acknowledged
 * @param kinds the kinds of faults allowed
 * @param redisCluster whether the run uses a Redis Cluster of three primaries with a replica each;
 *     otherwise it uses one Redis
 * @param directory the directory of the run, with data, logs and history; is created; if it exists,
 *     it must be empty
 * @param keep whether data and logs are kept even if no promise was broken
 * @param perSecond messages published per second by all publishers together
 * @param publishers the number of publishers
 * @param subscribers the number of subscribers
 * @param timelineMessages messages that a timeline holds; older messages must be read from Kafka
 * @param mainClass the main class of the pabal command, which starts the parts
 * @param freePort gives a TCP port that stays free until a process listens on it
 */
public record ChaosOptions(
    long seed,
    Duration duration,
    long messagesMin,
    Set<FaultKind> kinds,
    boolean redisCluster,
    Path directory,
    boolean keep,
    int perSecond,
    int publishers,
    int subscribers,
    int timelineMessages,
    String mainClass,
    IntSupplier freePort) {}
