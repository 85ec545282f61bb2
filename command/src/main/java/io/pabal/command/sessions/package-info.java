// SPDX-License-Identifier: Apache-2.0

/** {@code pabal sessions}: what is stored of sessions. */
@NullMarked
package io.pabal.command.sessions;

import org.jspecify.annotations.NullMarked;
