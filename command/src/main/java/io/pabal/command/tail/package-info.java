// SPDX-License-Identifier: Apache-2.0

/** {@code pabal tail}: the records of the topics, in readable form. */
@NullMarked
package io.pabal.command.tail;

import org.jspecify.annotations.NullMarked;
