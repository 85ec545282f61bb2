// SPDX-License-Identifier: Apache-2.0

/** The commands that measure. */
@NullMarked
package io.pabal.command.bench;

import org.jspecify.annotations.NullMarked;
