// SPDX-License-Identifier: Apache-2.0

/** The all-in-one mode: everything in one process on loopback, its data in one directory. */
@NullMarked
package io.pabal.command.up;

import org.jspecify.annotations.NullMarked;
