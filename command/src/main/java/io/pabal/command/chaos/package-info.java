// SPDX-License-Identifier: Apache-2.0

/** The command that runs the pipeline under random faults and judges the result. */
@NullMarked
package io.pabal.command.chaos;

import org.jspecify.annotations.NullMarked;
