// SPDX-License-Identifier: Apache-2.0

/** The commands that bring back from the topics what was lost, and that tell what is missed. */
@NullMarked
package io.pabal.command.recovery;

import org.jspecify.annotations.NullMarked;
