// SPDX-License-Identifier: Apache-2.0

/** Measures the effect of admission control when many sessions connect at once. */
@NullMarked
package io.pabal.bench.storm;

import org.jspecify.annotations.NullMarked;
