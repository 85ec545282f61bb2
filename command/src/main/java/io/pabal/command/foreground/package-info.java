// SPDX-License-Identifier: Apache-2.0

/** Runs parts in the foreground until they are asked to stop or a part fails. */
@NullMarked
package io.pabal.command.foreground;

import org.jspecify.annotations.NullMarked;
