// SPDX-License-Identifier: Apache-2.0

/** Runs the parts that are measured as processes of their own. */
@NullMarked
package io.pabal.bench.process;

import org.jspecify.annotations.NullMarked;
