// SPDX-License-Identifier: Apache-2.0

/** Running parts in the foreground until somebody stops them or one of them dies. */
@NullMarked
package io.pabal.command.foreground;

import org.jspecify.annotations.NullMarked;
