// SPDX-License-Identifier: Apache-2.0

/** {@code pabal sessions}: the stored sessions. */
@NullMarked
package io.pabal.command.sessions;

import org.jspecify.annotations.NullMarked;
