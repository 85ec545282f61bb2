// SPDX-License-Identifier: Apache-2.0

/**
 * Benchmarks of the parts that every message passes, with JMH. The benchmarks themselves stand in
 * the packages of what they measure, whose inner classes they use.
 */
@NullMarked
package io.pabal.bench.micro;

import org.jspecify.annotations.NullMarked;
