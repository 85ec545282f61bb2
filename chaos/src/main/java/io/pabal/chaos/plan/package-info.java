// SPDX-License-Identifier: Apache-2.0

/** The plan of a run's faults: a pure function of the seed, the duration and the allowed kinds. */
@NullMarked
package io.pabal.chaos.plan;

import org.jspecify.annotations.NullMarked;
