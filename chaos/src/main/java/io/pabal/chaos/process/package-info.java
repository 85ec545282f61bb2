// SPDX-License-Identifier: Apache-2.0

/** The parts of the pipeline as child processes, and the faults that are injected into them. */
@NullMarked
package io.pabal.chaos.process;

import org.jspecify.annotations.NullMarked;
