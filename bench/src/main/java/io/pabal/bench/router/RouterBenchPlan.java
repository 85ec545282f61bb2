// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.router;

import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * What to measure.
 *
 * @param mainClass the class of the {@code pabal} command, which the child processes run
 * @param directory for data and logs; new or empty
 * @param freePort gives a TCP port that stays free while nobody listens on it
 * @param messages in {@code messages}, routed once in each round by each of the two
 * @param addresses that they are of, each with a live location
 * @param rounds of both, one after the other
 */
public record RouterBenchPlan(
    String mainClass,
    Path directory,
    IntSupplier freePort,
    int messages,
    int addresses,
    int rounds) {}
