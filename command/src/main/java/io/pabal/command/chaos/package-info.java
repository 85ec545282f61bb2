// SPDX-License-Identifier: Apache-2.0

/** The command that runs the pipeline under random faults and judges what came of it. */
@NullMarked
package io.pabal.command.chaos;

import org.jspecify.annotations.NullMarked;
