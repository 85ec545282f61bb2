// SPDX-License-Identifier: Apache-2.0

/** The commands that restore lost data from the topics, and that show missed messages. */
@NullMarked
package io.pabal.command.recovery;

import org.jspecify.annotations.NullMarked;
