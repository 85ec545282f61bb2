// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.micro;

import java.util.List;

/**
 * What to measure.
 *
 * @param include regular expression that a benchmark's name has to contain
 * @param profilers of JMH, such as {@code gc}
 * @param forks JVMs for each benchmark, one after the other
 * @param iterations of a quarter of a second each that count, in each fork; as many come before, to
 *     warm up
 */
public record MicroPlan(String include, List<String> profilers, int forks, int iterations) {}
