// SPDX-License-Identifier: Apache-2.0

/** {@code pabal tail}: what the topics hold, readable. */
@NullMarked
package io.pabal.command.tail;

import org.jspecify.annotations.NullMarked;
