// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos;

import io.pabal.chaos.plan.FaultKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * Everything that a run needs to know.
 *
 * @param seed what faults and clients are drawn from
 * @param duration how long there is traffic and faults
 * @param messagesMin unless 0, the run goes on beyond its duration until all faults have happened
 *     and so many messages are acknowledged
 * @param kinds the kinds of faults allowed
 * @param directory of the run: data, logs and history; is created, and must not exist or be empty
 * @param keep whether data and logs stay also when nothing was wrong
 * @param perSecond messages published per second by all publishers together
 * @param publishers how many
 * @param subscribers how many
 * @param timelineMessages messages that a timeline holds; what is older has to come from Kafka
 * @param mainClass the pabal command, which starts the parts
 * @param freePort gives a TCP port that stays free while nobody listens on it
 */
public record ChaosOptions(
    long seed,
    Duration duration,
    long messagesMin,
    Set<FaultKind> kinds,
    Path directory,
    boolean keep,
    int perSecond,
    int publishers,
    int subscribers,
    int timelineMessages,
    String mainClass,
    IntSupplier freePort) {}
