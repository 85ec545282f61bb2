// SPDX-License-Identifier: Apache-2.0

/** {@code pabal topics}: whether the topics are as the promise needs them. */
@NullMarked
package io.pabal.command.topics;

import org.jspecify.annotations.NullMarked;
