// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.rest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data, configurations and logs of the child processes; new or empty
 * @param freePort gives a TCP port that stays free while nobody listens on it
 * @param settle rest before the measurement, in which compilers finish
 * @param measured how long processor time is measured
 * @param roles whether the roles are measured as processes of their own, too
 */
public record RestPlan(
    String mainClass,
    Path directory,
    IntSupplier freePort,
    Duration settle,
    Duration measured,
    boolean roles) {}
