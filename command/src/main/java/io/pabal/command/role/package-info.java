// SPDX-License-Identifier: Apache-2.0

/** The commands that run one role alone, and those that check and show its configuration. */
@NullMarked
package io.pabal.command.role;

import org.jspecify.annotations.NullMarked;
