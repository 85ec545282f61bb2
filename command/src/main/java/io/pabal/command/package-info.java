// SPDX-License-Identifier: Apache-2.0

/** The {@code pabal} command. */
@NullMarked
package io.pabal.command;

import org.jspecify.annotations.NullMarked;
