// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.neighbour;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data, configurations and logs of the child processes; new or empty
 * @param freePort gives a TCP port that stays free while nobody listens on it
 * @param kills how often the neighbour is killed and started again, at least 1
 * @param sessions that the neighbour holds
 * @param messagesPerSecond to the sessions of the neighbour, and as many to those of the connector
 *     that is measured
 * @param warmUp how long there is traffic before the first measurement
 */
public record NeighbourPlan(
    String mainClass,
    Path directory,
    IntSupplier freePort,
    int kills,
    int sessions,
    int messagesPerSecond,
    Duration warmUp) {}
