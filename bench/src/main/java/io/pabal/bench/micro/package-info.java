// SPDX-License-Identifier: Apache-2.0

/**
 * JMH benchmarks of the parts that every message passes. Each benchmark is in the package of the
 * code that it measures, since it uses package-private classes.
 */
@NullMarked
package io.pabal.bench.micro;

import org.jspecify.annotations.NullMarked;
