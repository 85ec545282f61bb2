// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.storm;

import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data, configurations and logs of the child processes; new or empty
 * @param freePort gives a TCP port that stays free while nobody listens on it
 * @param rounds storms with admission, and as many without, in turn
 * @param warmUps storms before each of these, of as many other sessions against the same
 *     connectors, that do not count; 0: the connectors have just started
 * @param sessions that return at once; each needs a file descriptor here and in the connector
 * @param targets connectors that the sessions connect to, in turn
 * @param waiting messages that wait for each session
 * @param resumesPerSecondMax {@code admission.resumesPerSecondMax} where there is admission
 * @param resumesInFlightMax {@code admission.resumesInFlightMax} where there is admission
 * @param waitMillis {@code admission.waitMillis} where there is admission
 */
public record StormPlan(
    String mainClass,
    Path directory,
    IntSupplier freePort,
    int rounds,
    int warmUps,
    int sessions,
    int targets,
    int waiting,
    int resumesPerSecondMax,
    int resumesInFlightMax,
    int waitMillis) {}
